import { Histogram } from '../../charts/Histogram.tsx';
import { Await } from '../../components/Await.tsx';
import { ChartCard } from '../../components/ChartCard.tsx';
import { EmptyPeriod } from '../../components/Notice.tsx';
import { useDefinitions } from '../../components/useDefinitions.ts';
import { useWidth } from '../../components/useWidth.ts';
import { useVisitLengths } from '../../hooks/useCustomers.ts';
import { useBounds } from '../../hooks/usePeriodRows.ts';
import { useWords } from '../../i18n/context.tsx';
import type { Period } from '../../model/period.ts';

interface Row {
  readonly at_least_seconds: number;
  /** The last bin has no end. */
  readonly under_seconds: number | null;
  readonly sessions: number;
  readonly visits: number;
}

const MINUTE = 60;

const useBinName = () => {
  const { t } = useWords();
  return ({ at_least_seconds, under_seconds }: Row): string => {
    const low = at_least_seconds / MINUTE;
    if (under_seconds === null) return t('lengths.over', { low });
    const high = under_seconds / MINUTE;
    return low === 0 ? t('lengths.under', { high }) : t('lengths.between', { low, high });
  };
};

/** In minutes, for a bar that is too narrow for words. */
const shortName = ({ at_least_seconds, under_seconds }: Row): string => {
  const low = at_least_seconds / MINUTE;
  if (under_seconds === null) return `${low}+`;
  return low === 0 ? `<${under_seconds / MINUTE}` : `${low}–${under_seconds / MINUTE}`;
};

const Loaded = ({ rows, isBusy }: { rows: ReadonlyArray<Row>; isBusy: boolean }) => {
  const { t, format } = useWords();
  const define = useDefinitions();
  const nameOf = useBinName();
  const [ref, width] = useWidth<HTMLDivElement>();
  const all = rows.reduce((sum, { visits }) => sum + visits, 0);
  const [first] = [...rows].sort((a, b) => b.visits - a.visits);
  const isEmpty = rows.every(({ sessions }) => sessions === 0);
  return (
    <ChartCard
      title={t('lengths.title')}
      definition={define('lengths.def')}
      isBusy={isBusy}
      summary={
        first && all > 0
          ? t('lengths.summary', { share: format.percent(first.visits / all), bin: nameOf(first) })
          : t('state.empty')
      }
      table={{
        columns: [t('lengths.bin'), t('lengths.visits'), t('lengths.short')],
        rows: rows.map((row) => [nameOf(row), row.visits, row.sessions - row.visits]),
      }}
    >
      <div ref={ref} className="chart-space">
        {isEmpty ? (
          <EmptyPeriod />
        ) : (
          <Histogram
            width={width}
            format={format.count}
            bins={rows.map((row) => ({
              key: String(row.at_least_seconds),
              name: nameOf(row),
              shortName: shortName(row),
              value: row.visits,
              outside: row.sessions - row.visits,
            }))}
          />
        )}
      </div>
    </ChartCard>
  );
};

export const VisitLengthsCard = ({ period }: { readonly period: Period }) => {
  const { t } = useWords();
  const answer = useVisitLengths(useBounds(period));
  return (
    <Await answer={answer} name={t('lengths.title')} height={380}>
      {(rows) => <Loaded rows={rows} isBusy={answer.isPlaceholderData} />}
    </Await>
  );
};
