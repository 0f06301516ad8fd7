import { Icon } from '../components/Icon.tsx';
import { useIngestHealth } from '../hooks/useIngestHealth.ts';
import { useLiveState } from '../hooks/useLiveOccupancy.ts';
import { useWords } from '../i18n/context.tsx';
import { type Freshness, freshnessOf } from '../model/freshness.ts';
import { routeHash } from './route.ts';
import { useClock } from './useClock.ts';
import { useOnline } from './useOnline.ts';
import { useRoute } from './useRoute.ts';

const useFreshness = (): Freshness => {
  const now = useClock();
  const isOnline = useOnline();
  const { connection, heardAt, storedAt } = useLiveState();
  const { data, dataUpdatedAt } = useIngestHealth();
  return freshnessOf({
    now,
    isOnline,
    isLost: connection === 'lost',
    heardAt,
    askedAt: data && dataUpdatedAt,
    successAgeSeconds: data?.seconds_since_success,
    toldStoredAt: storedAt,
  });
};

/** Says so when the picture is not of this moment. Announced once, while its seconds run. */
export const Banner = () => {
  const { t, format } = useWords();
  const { route } = useRoute();
  const freshness = useFreshness();
  const { kind } = freshness;
  const message =
    'seconds' in freshness
      ? t(`banner.${freshness.kind}`, { age: format.duration(freshness.seconds) })
      : kind === 'none' && t('banner.none');
  const mayHelp = (kind === 'stale' || kind === 'none') && route.page !== 'pipeline';
  return (
    <div className="banner-space">
      {message && (
        <section className={`banner is-${kind}`} aria-label={t('banner.label')}>
          <Icon name="warning" />
          <span>{message}</span>
          {mayHelp && (
            <a href={routeHash({ page: 'pipeline', days: 1, kiosk: route.kiosk })}>
              {t('banner.link')}
            </a>
          )}
        </section>
      )}
      <span className="unseen" role="status">
        {kind === 'lost' || kind === 'offline' ? t('status.lost') : ''}
      </span>
    </div>
  );
};
