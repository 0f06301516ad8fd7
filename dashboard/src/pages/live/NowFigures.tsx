import { Tile } from '../../components/Tile.tsx';
import { useDefinitions } from '../../components/useDefinitions.ts';
import { usePeopleNow } from '../../components/usePeopleWords.ts';
import type { LiveOccupancy } from '../../hooks/useLiveOccupancy.ts';
import { useWords } from '../../i18n/context.tsx';
import type { LivePoint } from '../../model/live.ts';

const MINUTE_MS = 60_000;

/** How long the page has looked on, in whole minutes, at least one. */
const minutesSeen = (points: ReadonlyArray<LivePoint>): number => {
  const [first, last] = [points[0], points.at(-1)];
  return first && last ? Math.max(1, Math.round((last.at - first.at) / MINUTE_MS)) : 1;
};

const sumOf = (points: ReadonlyArray<LivePoint>, of: 'entries' | 'exits'): number =>
  points.reduce((sum, point) => sum + point[of], 0);

/** How many are here, who came and who left. */
export const NowFigures = ({ live }: { readonly live: LiveOccupancy }) => {
  const { t, format } = useWords();
  const define = useDefinitions();
  const { points, total } = live;
  const people = usePeopleNow();
  const isSeen = points.length > 0;
  const seen = isSeen ? t('live.minutes', { minutes: minutesSeen(points) }) : undefined;
  const sum = (of: 'entries' | 'exits') => (isSeen ? format.count(sumOf(points, of)) : '–');
  return (
    <section className="card figures" aria-label={t('live.now')}>
      <dl className="tiles is-live">
        <Tile
          name={t('kpi.occupancy')}
          definition={define('kpi.occupancy_def')}
          value={total === undefined ? '–' : format.count(total)}
          isBusy={total === undefined}
          aside={people}
          isEstimate
        />
        <Tile
          name={t('live.entries')}
          definition={t('live.flow_def')}
          value={sum('entries')}
          aside={seen}
        />
        <Tile
          name={t('live.exits')}
          definition={t('live.flow_def')}
          value={sum('exits')}
          aside={seen}
        />
      </dl>
    </section>
  );
};
