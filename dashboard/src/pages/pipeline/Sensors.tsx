import { Await } from '../../components/Await.tsx';
import { ChartCard } from '../../components/ChartCard.tsx';
import { Notice } from '../../components/Notice.tsx';
import { useIngestSensors } from '../../hooks/useIngestHealth.ts';
import { useWords } from '../../i18n/context.tsx';
import { isAlive } from '../../model/pipelineState.ts';

interface Row {
  readonly sensor_id: string;
  readonly last_heard_at: string;
  readonly seconds_since: number;
}

const Loaded = ({ rows }: { readonly rows: ReadonlyArray<Row> }) => {
  const { t, format } = useWords();
  const status = (row: Row) => t(isAlive(row) ? 'pipe.alive' : 'pipe.silent');
  return (
    <ChartCard
      title={t('pipe.sensors')}
      definition={t('pipe.sensors_def')}
      summary={
        rows.length === 0
          ? t('pipe.sensors_empty')
          : t('pipe.sensors_summary', { all: rows.length, alive: rows.filter(isAlive).length })
      }
      table={{
        columns: [t('pipe.sensor'), t('pipe.status'), t('pipe.last_heard')],
        rows: rows.map((row) => [
          row.sensor_id,
          status(row),
          t('pipe.ago', { age: format.duration(row.seconds_since) }),
        ]),
      }}
    >
      {rows.length === 0 ? (
        <Notice title={t('pipe.sensors_empty')} hint={t('pipe.never_hint')} />
      ) : (
        <ul className="sensors">
          {rows.map((row) => (
            <li key={row.sensor_id} className={isAlive(row) ? 'is-alive' : 'is-silent'}>
              <strong>{row.sensor_id}</strong>
              <span className="sensor-status">{status(row)}</span>
              <span>{t('pipe.ago', { age: format.duration(row.seconds_since) })}</span>
            </li>
          ))}
        </ul>
      )}
    </ChartCard>
  );
};

export const Sensors = () => {
  const { t } = useWords();
  const answer = useIngestSensors();
  return (
    <Await answer={answer} name={t('pipe.sensors')} height={220}>
      {(rows) => <Loaded rows={rows} />}
    </Await>
  );
};
