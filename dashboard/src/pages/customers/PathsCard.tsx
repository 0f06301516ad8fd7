import { FlowChart } from '../../charts/FlowChart.tsx';
import { Await } from '../../components/Await.tsx';
import { ChartCard } from '../../components/ChartCard.tsx';
import { Notice } from '../../components/Notice.tsx';
import { useWidth } from '../../components/useWidth.ts';
import { useBounds } from '../../hooks/usePeriodRows.ts';
import { usePaths } from '../../hooks/useZoneMetrics.ts';
import { useWords } from '../../i18n/context.tsx';
import { flowOf } from '../../model/flow.ts';
import type { Period } from '../../model/period.ts';
import type { PathRow } from '../../model/ways.ts';

interface Row extends PathRow {
  readonly all_moves: number;
}

const DRAWN = 24;
const HEIGHT = 520;

const namesOf = (rows: ReadonlyArray<Row>): ReadonlyMap<string, string> =>
  new Map(
    rows.flatMap((row) => [
      [row.from_zone_id, row.from_zone_name],
      [row.to_zone_id, row.to_zone_name],
    ]),
  );

const Loaded = ({ rows, isBusy }: { rows: ReadonlyArray<Row>; isBusy: boolean }) => {
  const { t, format } = useWords();
  const [ref, width] = useWidth<HTMLDivElement>();
  const drawn = rows.slice(0, DRAWN);
  const [first] = drawn;
  const names = namesOf(drawn);
  const moves = drawn.reduce((sum, row) => sum + row.moves, 0);
  return (
    <ChartCard
      title={t('paths.title')}
      definition={t('paths.def', { n: DRAWN })}
      isBusy={isBusy}
      summary={
        first
          ? t('paths.summary', {
              from: first.from_zone_name,
              to: first.to_zone_name,
              n: format.count(first.moves),
              share: format.percent(moves / first.all_moves),
            })
          : t('paths.empty')
      }
      table={{
        columns: [t('paths.from'), t('paths.to'), t('paths.moves')],
        rows: rows.map((row) => [row.from_zone_name, row.to_zone_name, row.moves]),
      }}
    >
      <div ref={ref} className="chart-space">
        {first ? (
          <FlowChart
            flow={flowOf(
              drawn.map((row) => ({
                from: row.from_zone_id,
                to: row.to_zone_id,
                moves: row.moves,
              })),
            )}
            width={width}
            height={HEIGHT}
            nameOf={(id) => names.get(id) ?? id}
            format={format.count}
            fromLabel={t('paths.from')}
            toLabel={t('paths.to')}
          />
        ) : (
          <Notice title={t('paths.empty')} hint={t('state.empty_hint')} />
        )}
      </div>
    </ChartCard>
  );
};

export const PathsCard = ({ period }: { readonly period: Period }) => {
  const { t } = useWords();
  const answer = usePaths(useBounds(period));
  return (
    <Await answer={answer} name={t('paths.title')} height={560}>
      {(rows) => <Loaded rows={rows} isBusy={answer.isPlaceholderData} />}
    </Await>
  );
};
