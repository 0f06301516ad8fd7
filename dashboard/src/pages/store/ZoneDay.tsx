import { TrendChart } from '../../charts/TrendChart.tsx';
import { Await } from '../../components/Await.tsx';
import { ChartCard } from '../../components/ChartCard.tsx';
import { useWidth } from '../../components/useWidth.ts';
import type { Zone } from '../../hooks/useStore.ts';
import { useZoneDay } from '../../hooks/useZoneMetrics.ts';
import { useWords } from '../../i18n/context.tsx';
import type { Day } from '../../model/storeTime.ts';

interface Row {
  readonly hour_start: string;
  readonly hour: number;
  readonly entrants: number;
  readonly mean_dwell_seconds: number;
}

interface LoadedProps {
  readonly zone: Zone;
  readonly day: Day;
  readonly rows: ReadonlyArray<Row>;
  readonly isBusy: boolean;
}

const EVERY_THIRD_HOUR = 3;

const Loaded = ({ zone, day, rows, isBusy }: LoadedProps) => {
  const { t, format } = useWords();
  const [ref, width] = useWidth<HTMLDivElement>();
  const most = Math.max(0, ...rows.map(({ entrants }) => entrants));
  const peak = rows.find(({ entrants }) => entrants === most && most > 0);
  return (
    <ChartCard
      title={t('detail.day', { name: zone.name })}
      definition={t('detail.day_def')}
      isBusy={isBusy}
      summary={
        peak
          ? t('detail.day_summary', {
              day: format.dayShort(day),
              peak: format.hour(peak.hour),
              n: format.count(most),
            })
          : t('detail.day_empty')
      }
      table={{
        columns: [t('trend.hour'), t('detail.entrants'), t('zone.dwell')],
        rows: rows.map((row) => [
          format.hour(row.hour),
          row.entrants,
          format.duration(row.mean_dwell_seconds),
        ]),
      }}
    >
      <div ref={ref} className="chart-space">
        <TrendChart
          width={width}
          height={150}
          format={format.count}
          nowLabel={t('detail.entrants')}
          bars={rows.map((row) => ({
            key: row.hour_start,
            name: format.hour(row.hour),
            tick: row.hour % EVERY_THIRD_HOUR === 0 ? format.hour(row.hour) : '',
            value: row.entrants,
            before: undefined,
            isAhead: false,
          }))}
        />
      </div>
    </ChartCard>
  );
};

export const ZoneDay = ({ zone, day }: { readonly zone: Zone; readonly day: Day }) => {
  const { t } = useWords();
  const answer = useZoneDay(zone.id, day);
  return (
    <Await answer={answer} name={t('detail.day', { name: zone.name })} height={260}>
      {(rows) => <Loaded zone={zone} day={day} rows={rows} isBusy={answer.isPlaceholderData} />}
    </Await>
  );
};
