import { Await } from '../../components/Await.tsx';
import { ChartCard } from '../../components/ChartCard.tsx';
import { EmptyPeriod } from '../../components/Notice.tsx';
import { useVisitors } from '../../hooks/useCustomers.ts';
import { useBounds } from '../../hooks/usePeriodRows.ts';
import { useWords } from '../../i18n/context.tsx';
import type { Period } from '../../model/period.ts';

interface Row {
  readonly unique_visitors: number;
  readonly new_visitors: number;
  readonly returning_visitors: number;
}

const Split = ({ row }: { readonly row: Row }) => {
  const { t, format } = useWords();
  const parts = [
    { key: 'new', name: t('visitors.new'), value: row.new_visitors },
    { key: 'returning', name: t('visitors.returning'), value: row.returning_visitors },
  ] as const;
  return (
    <div className="split">
      {parts.map(({ key, name, value }) => (
        <div key={key} className={`split-words is-${key}`}>
          <span>{name}</span>
          <strong>{format.count(value)}</strong>
          <span>{format.percent(value / row.unique_visitors)}</span>
        </div>
      ))}
      <div className="split-bar" aria-hidden="true">
        {parts
          .filter(({ value }) => value > 0)
          .map(({ key, value }) => (
            <div key={key} className={`is-${key}`} style={{ flexGrow: value }} />
          ))}
      </div>
    </div>
  );
};

const Loaded = ({ row, isBusy }: { row: Row; isBusy: boolean }) => {
  const { t, format } = useWords();
  const all = row.unique_visitors;
  const share = (n: number) => format.percent(all === 0 ? 0 : n / all);
  return (
    <ChartCard
      title={t('visitors.title')}
      definition={t('visitors.def')}
      isEstimate
      isBusy={isBusy}
      summary={
        all === 0
          ? t('state.empty')
          : `${t('visitors.summary', { all: format.count(all), share: share(row.returning_visitors) })} ${t('visitors.caveat')}`
      }
      table={{
        columns: [t('visitors.visitors'), t('kpi.value'), t('visitors.share')],
        rows: [
          [t('visitors.new'), row.new_visitors, share(row.new_visitors)],
          [t('visitors.returning'), row.returning_visitors, share(row.returning_visitors)],
        ],
      }}
    >
      {all === 0 ? <EmptyPeriod /> : <Split row={row} />}
    </ChartCard>
  );
};

export const VisitorsCard = ({ period }: { readonly period: Period }) => {
  const { t } = useWords();
  const answer = useVisitors(useBounds(period));
  return (
    <Await answer={answer} name={t('visitors.title')} height={200}>
      {([row]) => row && <Loaded row={row} isBusy={answer.isPlaceholderData} />}
    </Await>
  );
};
