import { Definition } from '../../components/Definition.tsx';
import { Icon } from '../../components/Icon.tsx';
import type { Zone } from '../../hooks/useStore.ts';
import { useWords } from '../../i18n/context.tsx';
import type { ZoneChange } from '../../model/liveChanges.ts';

interface FeedProps {
  readonly changes: ReadonlyArray<ZoneChange>;
  readonly zones: ReadonlyArray<Zone>;
}

const SHOWN = 6;

/** The last movements. Not announced one by one: they would never stop talking. */
export const Feed = ({ changes, zones }: FeedProps) => {
  const { t, format } = useWords();
  const nameOf = (zoneId: string) => zones.find(({ id }) => id === zoneId)?.name ?? zoneId;
  return (
    <section className="card feed" aria-label={t('live.feed')}>
      <header className="card-head">
        <h2>{t('live.feed')}</h2>
        <Definition name={t('live.feed')} text={t('live.feed_def')} />
      </header>
      {changes.length === 0 && <p className="card-summary">{t('live.feed_empty')}</p>}
      <ol>
        {changes.slice(0, SHOWN).map(({ at, zoneId, by, now }) => (
          <li key={`${at} ${zoneId}`} className={by > 0 ? 'is-more' : 'is-less'}>
            <Icon name={by > 0 ? 'up' : 'down'} />
            <span>
              {t(by > 0 ? 'live.feed_more' : 'live.feed_less', {
                zone: nameOf(zoneId),
                n: format.count(Math.abs(by)),
                total: format.count(now),
              })}
            </span>
            <time dateTime={new Date(at).toISOString()}>{format.clockSeconds(at)}</time>
          </li>
        ))}
      </ol>
    </section>
  );
};
