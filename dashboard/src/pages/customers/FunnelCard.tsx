import { FunnelBars } from '../../charts/FunnelBars.tsx';
import { Await } from '../../components/Await.tsx';
import { ChartCard } from '../../components/ChartCard.tsx';
import { EmptyPeriod } from '../../components/Notice.tsx';
import { useDefinitions } from '../../components/useDefinitions.ts';
import { useFunnel } from '../../hooks/useCustomers.ts';
import { useBounds } from '../../hooks/usePeriodRows.ts';
import { useWords } from '../../i18n/context.tsx';
import type { MessageKey } from '../../i18n/translate.ts';
import type { Period } from '../../model/period.ts';

const STAGES: Readonly<Record<string, MessageKey>> = {
  enter: 'funnel.enter',
  browse: 'funnel.browse',
  engage: 'funnel.engage',
  checkout: 'funnel.checkout',
};

interface Row {
  readonly stage: string;
  readonly visits: number;
  readonly share_of_enter: number;
}

const Loaded = ({ rows, isBusy }: { rows: ReadonlyArray<Row>; isBusy: boolean }) => {
  const { t, format } = useWords();
  const define = useDefinitions();
  const name = (stage: string) => (STAGES[stage] ? t(STAGES[stage]) : stage);
  const entered = rows[0]?.visits ?? 0;
  return (
    <ChartCard
      title={t('funnel.title')}
      definition={define('funnel.def')}
      isBusy={isBusy}
      summary={
        entered === 0
          ? t('state.empty')
          : t('funnel.summary', {
              enter: format.count(entered),
              share: format.percent(rows.at(-1)?.share_of_enter ?? 0),
            })
      }
      table={{
        columns: [t('funnel.stage'), t('zone.visits'), t('funnel.share')],
        rows: rows.map((row) => [name(row.stage), row.visits, format.percent(row.share_of_enter)]),
      }}
    >
      {entered === 0 ? (
        <EmptyPeriod />
      ) : (
        <FunnelBars
          stages={rows.map((row) => ({
            key: row.stage,
            name: name(row.stage),
            value: format.count(row.visits),
            share: row.share_of_enter,
            shareText: format.percent(row.share_of_enter),
          }))}
        />
      )}
    </ChartCard>
  );
};

export const FunnelCard = ({ period }: { readonly period: Period }) => {
  const { t } = useWords();
  const answer = useFunnel(useBounds(period));
  return (
    <Await answer={answer} name={t('funnel.title')} height={360}>
      {(rows) => <Loaded rows={rows} isBusy={answer.isPlaceholderData} />}
    </Await>
  );
};
