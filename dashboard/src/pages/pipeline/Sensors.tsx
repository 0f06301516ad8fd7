import { Await } from '../../components/Await.tsx';
import { ChartCard } from '../../components/ChartCard.tsx';
import { Loading, Notice } from '../../components/Notice.tsx';
import { useIngestSensors } from '../../hooks/useIngestHealth.ts';
import { useSensors } from '../../hooks/useSensors.ts';
import { useWords } from '../../i18n/context.tsx';
import { isAlive } from '../../model/pipelineState.ts';
import { type Sensor, sensorsOf } from '../../model/sensors.ts';

const Loaded = ({ rows }: { readonly rows: ReadonlyArray<Sensor> }) => {
  const { t, format } = useWords();
  const status = (row: Sensor) => t(isAlive(row) ? 'pipe.alive' : 'pipe.silent');
  const heard = ({ seconds_since }: Sensor) =>
    seconds_since === null
      ? t('pipe.long_silent')
      : t('pipe.ago', { age: format.duration(seconds_since) });
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
        rows: rows.map((row) => [row.sensor_id, status(row), heard(row)]),
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
              <span>{heard(row)}</span>
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
  const layout = useSensors();
  // Where the layout cannot be read, those that were heard are shown all the same.
  if (!layout.isFetched) return <Loading height={220} />;
  return (
    <Await answer={answer} name={t('pipe.sensors')} height={220}>
      {(heard) => <Loaded rows={sensorsOf(layout.data ?? [], heard)} />}
    </Await>
  );
};
