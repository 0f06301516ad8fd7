import { useState } from 'react';
import { useClock } from '../../app/useClock.ts';
import { TrendChart } from '../../charts/TrendChart.tsx';
import { Await } from '../../components/Await.tsx';
import { ChartCard } from '../../components/ChartCard.tsx';
import { EmptyPeriod } from '../../components/Notice.tsx';
import { Segmented } from '../../components/Segmented.tsx';
import { useWidth } from '../../components/useWidth.ts';
import { useHourly } from '../../hooks/useHourly.ts';
import { useWords } from '../../i18n/context.tsx';
import { lengthOf, type Period, periodBefore } from '../../model/period.ts';
import type { Table } from '../../model/table.ts';
import {
  besides,
  busiest,
  type HourRow,
  openHours,
  type TrendPoint,
  trendOf,
} from '../../model/trend.ts';

const METRICS = ['footfall', 'dwell'] as const;
type Metric = (typeof METRICS)[number];

const figureOf = (metric: Metric, point: TrendPoint): number =>
  metric === 'footfall' ? point.footfall : point.meanDwellSeconds;

const MINUTE = 60;
const EVERY_THIRD_HOUR = 3;
const ROOM_FOR_HOUR = 44;

const useNames = () => {
  const { format } = useWords();
  return {
    name: ({ day, hour }: TrendPoint) =>
      hour === undefined ? format.dayName(day) : format.hour(hour),
    tick: ({ day, hour }: TrendPoint, count: number, index: number, width: number) => {
      if (hour !== undefined)
        return width / count > ROOM_FOR_HOUR || hour % EVERY_THIRD_HOUR === 0
          ? format.hour(hour)
          : '';
      const step = Math.ceil((count * 56) / width);
      return (count - 1 - index) % step === 0 ? format.dayShort(day) : '';
    },
  };
};

interface LoadedProps {
  readonly rows: ReadonlyArray<HourRow>;
  readonly rowsBefore: ReadonlyArray<HourRow>;
  readonly isBusy: boolean;
}

const useSummary = (points: ReadonlyArray<TrendPoint>): string => {
  const { t, format } = useWords();
  const { name } = useNames();
  const peak = busiest(points);
  if (peak === undefined) return t('trend.summary_empty');
  return t('trend.summary', {
    total: format.count(points.reduce((sum, { footfall }) => sum + footfall, 0)),
    peak: name(peak),
    n: format.count(peak.footfall),
  });
};

const useTable = (
  points: ReadonlyArray<TrendPoint>,
  before: ReadonlyArray<TrendPoint | undefined>,
): Table => {
  const { t, format } = useWords();
  const { name } = useNames();
  const figures = (point: TrendPoint | undefined) =>
    point ? [point.footfall, format.duration(point.meanDwellSeconds)] : [null, null];
  const [footfall, dwell] = [t('trend.footfall'), t('trend.dwell')];
  return {
    columns: [
      t(points[0]?.hour === undefined ? 'trend.day' : 'trend.hour'),
      ...[footfall, dwell],
      ...[footfall, dwell].map((figure) => `${t('trend.before')}: ${figure}`),
    ],
    rows: points.map((point, index) => [name(point), ...figures(point), ...figures(before[index])]),
  };
};

const Loaded = ({ rows, rowsBefore, isBusy }: LoadedProps) => {
  const { t, format } = useWords();
  const { name, tick } = useNames();
  const [metric, setMetric] = useState<Metric>('footfall');
  const [ref, width] = useWidth<HTMLDivElement>();
  const now = useClock(60_000);
  const all = trendOf(rows);
  const allBefore = besides(all, trendOf(rowsBefore));
  const isDays = all[0]?.hour === undefined;
  const shown = isDays ? { first: 0, last: all.length - 1 } : openHours(all, allBefore);
  const points = all.slice(shown.first, shown.last + 1);
  const before = allBefore.slice(shown.first, shown.last + 1);
  const show = metric === 'footfall' ? format.count : format.duration;
  const isEmpty = [...points, ...before].every((point) => !point?.footfall);
  const title = t(isDays ? 'trend.title_days' : 'trend.title');
  return (
    <ChartCard
      title={title}
      definition={t('trend.def')}
      summary={useSummary(points)}
      isBusy={isBusy}
      table={useTable(points, before)}
      actions={
        <Segmented
          label={t('trend.metric')}
          value={metric}
          onChange={setMetric}
          options={METRICS.map((value) => ({ value, label: t(`trend.${value}`) }))}
        />
      }
    >
      <div ref={ref} className="chart-space">
        {isEmpty ? (
          <EmptyPeriod />
        ) : (
          <TrendChart
            width={width}
            format={show}
            unit={metric === 'footfall' ? 1 : MINUTE}
            nowLabel={t('trend.now')}
            beforeLabel={t('trend.before')}
            bars={points.map((point, index) => ({
              key: point.key,
              name: name(point),
              tick: tick(point, points.length, index, width),
              value: figureOf(metric, point),
              before: before[index] && figureOf(metric, before[index]),
              isAhead: Date.parse(point.key) > now,
            }))}
          />
        )}
      </div>
      {!isEmpty && (
        <p className="legend" aria-hidden="true">
          <span className="legend-bar">{t('trend.now')}</span>
          <span className="legend-line">{t('trend.before')}</span>
        </p>
      )}
    </ChartCard>
  );
};

/** A day by its hours, more days by days, over the ones before. */
export const Trend = ({ period }: { readonly period: Period }) => {
  const { t } = useWords();
  const answer = useHourly(period);
  const before = useHourly(periodBefore(period));
  const isWhole = !before.isPlaceholderData && lengthOf(period) > 0;
  return (
    <Await answer={answer} name={t('trend.title')} height={380}>
      {(rows) => (
        <Loaded
          rows={rows}
          rowsBefore={isWhole ? (before.data ?? []) : []}
          isBusy={answer.isPlaceholderData}
        />
      )}
    </Await>
  );
};
