import { usePlanSize } from '../../app/usePlanSize.ts';
import { useRoute } from '../../app/useRoute.ts';
import { FloorPlan } from '../../charts/FloorPlan.tsx';
import { ChartCard } from '../../components/ChartCard.tsx';
import { Segmented } from '../../components/Segmented.tsx';
import { useDefinitions } from '../../components/useDefinitions.ts';
import { useWidth } from '../../components/useWidth.ts';
import { useZoneWords } from '../../components/useZoneWords.ts';
import { useWords } from '../../i18n/context.tsx';
import type { MessageKey } from '../../i18n/translate.ts';
import { lengthOf, type Period } from '../../model/period.ts';
import {
  levelsOf,
  metricValue,
  rankedBy,
  ZONE_METRICS,
  type ZoneMetric,
} from '../../model/zoneLevels.ts';
import { HourScrubber } from './HourScrubber.tsx';
import type { ZoneWithFigures } from './useZoneFigures.ts';

const DEFINITIONS: Readonly<Record<ZoneMetric, MessageKey>> = {
  dwell: 'zone.dwell_def',
  visits: 'zone.visits_def',
  reach: 'zone.reach_def',
  occupancy: 'kpi.occupancy_def',
};

interface PlanCardProps {
  readonly zones: ReadonlyArray<ZoneWithFigures>;
  readonly metric: ZoneMetric;
  readonly period: Period;
  readonly hour: number | undefined;
  readonly isBusy: boolean;
}

const useSummary = (zones: ReadonlyArray<ZoneWithFigures>, metric: ZoneMetric): string => {
  const { t } = useWords();
  const { metricName, show } = useZoneWords();
  const ranked = rankedBy(metric, zones);
  const [first, last] = [ranked[0], ranked.at(-1)];
  const most = first && metricValue(metric, first);
  if (most === undefined) return t('live.zones_unknown');
  if (first === undefined || last === undefined || most === 0)
    return t(metric === 'occupancy' ? 'live.zones_empty' : 'state.empty');
  return t('plan.summary', {
    metric: metricName(metric),
    first: first.name,
    firstValue: show(metric, metricValue(metric, first)),
    last: last.name,
    lastValue: show(metric, metricValue(metric, last)),
  });
};

const Plan = ({ zones, metric }: Pick<PlanCardProps, 'zones' | 'metric'>) => {
  const { t } = useWords();
  const { route, go } = useRoute();
  const { metricName, typeName, show } = useZoneWords();
  const [ref, width] = useWidth<HTMLDivElement>();
  const size = usePlanSize();
  const levels = levelsOf(zones.map((zone) => metricValue(metric, zone)));
  return (
    <div ref={ref} className="chart-space floor-space">
      <FloorPlan
        width={width}
        {...size}
        label={t('plan.title')}
        entranceLabel={t('plan.entrance')}
        selected={route.zone}
        onSelect={(zone) => go({ zone: zone === route.zone ? undefined : zone })}
        zones={zones.map((zone, index) => {
          const value = show(metric, metricValue(metric, zone));
          return {
            ...zone,
            value,
            level: levels[index] ?? 0,
            isEntrance: zone.type === 'entrance',
            label: t('zone.label', {
              name: zone.name,
              type: typeName(zone.type),
              metric: metricName(metric),
              value,
            }),
          };
        })}
      />
    </div>
  );
};

export const PlanCard = ({ zones, metric, period, hour, isBusy }: PlanCardProps) => {
  const { t, format } = useWords();
  const { go } = useRoute();
  const define = useDefinitions();
  const { metricName, typeName } = useZoneWords();
  return (
    <ChartCard
      className="plan-card"
      title={t('plan.title')}
      definition={`${define(DEFINITIONS[metric])} ${t('plan.hint')}`}
      summary={useSummary(zones, metric)}
      isEstimate={metric === 'occupancy'}
      isBusy={isBusy}
      actions={
        <Segmented
          label={t('zone.metric')}
          value={metric}
          onChange={(chosen) => go({ metric: chosen })}
          options={ZONE_METRICS.map((value) => ({ value, label: metricName(value) }))}
        />
      }
      table={{
        columns: [t('zone.zone'), t('zone.type'), ...ZONE_METRICS.map((each) => metricName(each))],
        rows: zones.map((zone) => [
          zone.name,
          typeName(zone.type),
          format.duration(zone.meanDwellSeconds),
          zone.visits,
          format.percent(zone.reach),
          zone.occupancy ?? null,
        ]),
      }}
    >
      <Plan zones={zones} metric={metric} />
      <div className="plan-foot">
        {metric !== 'occupancy' && lengthOf(period) === 1 && (
          <HourScrubber period={period} hour={hour} />
        )}
        <p className="heat-legend" aria-hidden="true">
          {t('plan.low')}
          <span />
          {t('plan.high')}
        </p>
      </div>
    </ChartCard>
  );
};
