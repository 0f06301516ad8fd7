import { RunBars } from '../../charts/RunBars.tsx';
import { Await } from '../../components/Await.tsx';
import { ChartCard } from '../../components/ChartCard.tsx';
import { DataTable } from '../../components/DataTable.tsx';
import { Notice } from '../../components/Notice.tsx';
import { useWidth } from '../../components/useWidth.ts';
import { useIngestRuns } from '../../hooks/useIngestHealth.ts';
import { useWords } from '../../i18n/context.tsx';
import type { Table } from '../../model/table.ts';

interface Row {
  readonly run_id: string;
  readonly status: string;
  readonly started_at: string;
  readonly latency_ms: number | null;
  readonly readings: number;
  readonly zone_events: number;
  readonly visits: number;
  readonly rejected: number;
  readonly error_code: string | null;
  readonly error_message: string | null;
}

const LISTED = 8;

const useTable = (rows: ReadonlyArray<Row>): Table => {
  const { t, format } = useWords();
  const status = (row: Row) =>
    t(
      row.status === 'completed'
        ? 'pipe.ok'
        : row.status === 'failed'
          ? 'pipe.error'
          : 'pipe.running',
    );
  return {
    columns: [
      t('pipe.started'),
      t('pipe.status'),
      t('pipe.readings'),
      t('pipe.rows'),
      t('pipe.visits'),
      t('pipe.rejected'),
      t('pipe.latency'),
      t('pipe.message'),
    ],
    rows: rows.map((row) => [
      format.clockSeconds(row.started_at),
      status(row),
      row.readings,
      row.zone_events,
      row.visits,
      row.rejected,
      row.latency_ms === null ? null : format.latency(row.latency_ms),
      row.error_message === null ? null : `${row.error_code ?? ''} ${row.error_message}`,
    ]),
  };
};

const Loaded = ({ rows }: { readonly rows: ReadonlyArray<Row> }) => {
  const { t, format } = useWords();
  const [ref, width] = useWidth<HTMLDivElement>();
  const table = useTable(rows);
  const failed = rows.filter(({ status }) => status === 'failed').length;
  return (
    <ChartCard
      title={t('pipe.recent')}
      definition={t('pipe.recent_def')}
      summary={
        rows.length === 0
          ? t('pipe.recent_empty')
          : t('pipe.recent_summary', { all: rows.length, failed })
      }
      table={table}
    >
      <div ref={ref} className="chart-space">
        {rows.length === 0 ? (
          <Notice title={t('pipe.recent_empty')} />
        ) : (
          <RunBars
            width={width}
            format={format.latency}
            clock={format.clock}
            runs={[...rows].reverse().map((row) => ({
              key: row.run_id,
              at: Date.parse(row.started_at),
              latencyMs: row.latency_ms ?? 0,
              hasFailed: row.status === 'failed',
            }))}
          />
        )}
      </div>
      {rows.length > 0 && (
        <DataTable
          caption={t('pipe.recent')}
          table={{ ...table, rows: table.rows.slice(0, LISTED) }}
        />
      )}
    </ChartCard>
  );
};

export const Runs = () => {
  const { t } = useWords();
  const answer = useIngestRuns();
  return (
    <Await answer={answer} name={t('pipe.recent')} height={320}>
      {(rows) => <Loaded rows={rows} />}
    </Await>
  );
};
