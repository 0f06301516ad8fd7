import { LiveLine } from '../../charts/LiveLine.tsx';
import { ChartCard } from '../../components/ChartCard.tsx';
import { Notice } from '../../components/Notice.tsx';
import { useWidth } from '../../components/useWidth.ts';
import { useWords } from '../../i18n/context.tsx';
import type { LivePoint } from '../../model/live.ts';

const MINUTE_MS = 60_000;
const SHORTEST_MS = 2 * MINUTE_MS;

export const LiveTrend = ({ points }: { readonly points: ReadonlyArray<LivePoint> }) => {
  const { t, format } = useWords();
  const [ref, width] = useWidth<HTMLDivElement>();
  const totals = points.map(({ total }) => total);
  const [first, last] = [points[0], points.at(-1)];
  const seenMs = first && last ? last.at - first.at : 0;
  const spanMs = Math.max(SHORTEST_MS, Math.ceil(seenMs / MINUTE_MS) * MINUTE_MS);
  return (
    <ChartCard
      title={t('live.trend')}
      definition={t('live.trend_def')}
      isEstimate
      summary={
        points.length === 0
          ? t('live.trend_wait')
          : t('live.trend_summary', {
              minutes: Math.max(1, Math.round(seenMs / MINUTE_MS)),
              low: format.count(Math.min(...totals)),
              high: format.count(Math.max(...totals)),
            })
      }
      table={{
        columns: [t('live.time'), t('kpi.occupancy'), t('live.entries'), t('live.exits')],
        rows: points.map((point) => [
          format.clockSeconds(point.at),
          point.total,
          point.entries,
          point.exits,
        ]),
      }}
    >
      <div ref={ref} className="chart-space">
        {points.length === 0 ? (
          <Notice title={t('live.trend_wait')} />
        ) : (
          <LiveLine points={points} width={width} spanMs={spanMs} clock={format.clock} />
        )}
      </div>
    </ChartCard>
  );
};
