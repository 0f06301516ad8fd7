import { usePlanSize } from '../../app/usePlanSize.ts';
import { FloorPlan } from '../../charts/FloorPlan.tsx';
import { ChartCard } from '../../components/ChartCard.tsx';
import { useDefinitions } from '../../components/useDefinitions.ts';
import { useWidth } from '../../components/useWidth.ts';
import { useZoneWords } from '../../components/useZoneWords.ts';
import { countIn, type LiveOccupancy } from '../../hooks/useLiveOccupancy.ts';
import type { Zone } from '../../hooks/useStore.ts';
import { useWords } from '../../i18n/context.tsx';
import { levelsOf } from '../../model/zoneLevels.ts';

interface LivePlanProps {
  readonly zones: ReadonlyArray<Zone>;
  readonly live: LiveOccupancy;
}

const useSummary = ({ zones, live }: LivePlanProps): string => {
  const { t, format } = useWords();
  if (live.total === undefined) return t('live.zones_unknown');
  const busy = zones.filter(({ id }) => (live.zones[id] ?? 0) > 0);
  const [first] = [...busy].sort((a, b) => (live.zones[b.id] ?? 0) - (live.zones[a.id] ?? 0));
  if (first === undefined) return t('live.zones_empty');
  return t('live.zones_summary', {
    total: format.count(live.total),
    zones: busy.length,
    zone: first.name,
    n: format.count(live.zones[first.id] ?? 0),
  });
};

/** A dot for each phone in its zone. */
export const LivePlan = ({ zones, live }: LivePlanProps) => {
  const { t, format } = useWords();
  const { typeName, metricName, show } = useZoneWords();
  const define = useDefinitions();
  const [ref, width] = useWidth<HTMLDivElement>();
  const size = usePlanSize();
  const counts = zones.map(({ id }) => countIn(live, id));
  const levels = levelsOf(counts);
  return (
    <ChartCard
      className="plan-card"
      title={t('live.zones')}
      definition={define('kpi.occupancy_def')}
      summary={useSummary({ zones, live })}
      isEstimate
      table={{
        columns: [t('zone.zone'), t('zone.type'), metricName('occupancy')],
        rows: zones.map(({ name, type }, index) => [name, typeName(type), counts[index] ?? null]),
      }}
    >
      <div ref={ref} className="chart-space floor-space live-floor">
        <FloorPlan
          width={width}
          {...size}
          label={t('live.zones')}
          entranceLabel={t('plan.entrance')}
          zones={zones.map((zone, index) => {
            const count = counts[index];
            return {
              ...zone,
              value: show('occupancy', count),
              dots: count ?? 0,
              level: (levels[index] ?? 0) * 0.32,
              isEntrance: zone.type === 'entrance',
              label: t('zone.label', {
                name: zone.name,
                type: typeName(zone.type),
                metric: metricName('occupancy'),
                value: count === undefined ? '–' : t('live.people', { n: format.count(count) }),
              }),
            };
          })}
        />
      </div>
    </ChartCard>
  );
};
