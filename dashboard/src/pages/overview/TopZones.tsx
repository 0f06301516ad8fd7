import { useRoute } from '../../app/useRoute.ts';
import { RankBars } from '../../charts/RankBars.tsx';
import { Await } from '../../components/Await.tsx';
import { ChartCard } from '../../components/ChartCard.tsx';
import { EmptyPeriod } from '../../components/Notice.tsx';
import { useBounds } from '../../hooks/usePeriodRows.ts';
import { useZoneMetrics } from '../../hooks/useZoneMetrics.ts';
import { useWords } from '../../i18n/context.tsx';
import type { Period } from '../../model/period.ts';

const SHOWN = 8;

interface Row {
  readonly zone_id: string;
  readonly zone_name: string;
  readonly zone_type: string;
  readonly entrants: number;
  readonly reach: number;
}

const Loaded = ({ rows, isBusy }: { rows: ReadonlyArray<Row>; isBusy: boolean }) => {
  const { t, format } = useWords();
  const { go } = useRoute();
  const ranked = [...rows].sort((a, b) => b.reach - a.reach);
  // Everybody comes in by the entrance: it would only dwarf the others.
  const top = ranked.filter(({ zone_type }) => zone_type !== 'entrance').slice(0, SHOWN);
  const [first] = top;
  const isEmpty = first === undefined || first.entrants === 0;
  return (
    <ChartCard
      title={t('top.title')}
      definition={t('top.def')}
      isBusy={isBusy}
      summary={
        isEmpty
          ? t('state.empty')
          : t('top.summary', { zone: first.zone_name, reach: format.percent(first.reach) })
      }
      table={{
        columns: [t('zone.zone'), t('zone.visits'), t('zone.reach')],
        rows: ranked.map((row) => [row.zone_name, row.entrants, format.percent(row.reach)]),
      }}
    >
      {isEmpty ? (
        <EmptyPeriod />
      ) : (
        <RankBars
          onChoose={(zone) => go({ page: 'store', zone })}
          bars={top.map((row) => ({
            key: row.zone_id,
            name: row.zone_name,
            value: format.percent(row.reach),
            share: row.reach / first.reach,
          }))}
        />
      )}
    </ChartCard>
  );
};

export const TopZones = ({ period }: { readonly period: Period }) => {
  const { t } = useWords();
  const answer = useZoneMetrics(useBounds(period));
  return (
    <Await answer={answer} name={t('top.title')} height={360}>
      {(rows) => <Loaded rows={rows} isBusy={answer.isPlaceholderData} />}
    </Await>
  );
};
