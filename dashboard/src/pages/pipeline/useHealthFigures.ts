import { useWords } from '../../i18n/context.tsx';

/** The row of `ingest_health`; what never happened is null. */
export interface HealthRow {
  readonly last_run_status: string | null;
  readonly seconds_since_success: number | null;
  readonly last_reading_at: string | null;
  readonly runs: number;
  readonly failed_runs: number;
  readonly readings: number;
  readonly zone_events: number;
  readonly rejected: number;
  readonly median_latency_ms: number;
  readonly max_latency_ms: number;
}

export interface HealthFigure {
  readonly key: string;
  readonly name: string;
  readonly definition: string;
  readonly value: string;
  readonly aside: string | undefined;
}

/** The figures of the ingestion, as they are shown; `backlog` is unknown until it was asked for. */
export const useHealthFigures = (
  row: HealthRow,
  backlog: number | undefined,
): ReadonlyArray<HealthFigure> => {
  const { t, format } = useWords();
  const success = row.seconds_since_success;
  const figure = (key: HealthKey, value: string, aside?: string): HealthFigure => ({
    key,
    name: t(`pipe.${key}`),
    definition: t(`pipe.${key}_def`),
    value,
    aside,
  });
  return [
    figure(
      'last_success',
      success === null ? t('kpi.none') : t('pipe.ago', { age: format.duration(success) }),
    ),
    figure(
      'last_reading',
      row.last_reading_at === null ? t('kpi.none') : format.clockSeconds(row.last_reading_at),
    ),
    figure(
      'rows',
      format.count(row.zone_events),
      t('pipe.readings_n', { n: format.count(row.readings) }),
    ),
    figure(
      'latency',
      format.latency(row.median_latency_ms),
      t('pipe.latency_max', { value: format.latency(row.max_latency_ms) }),
    ),
    figure('runs', format.count(row.runs)),
    figure('failed', format.count(row.failed_runs)),
    figure('rejected', format.count(row.rejected)),
    figure('dead', backlog === undefined ? '–' : format.count(backlog)),
  ];
};

type HealthKey =
  | 'last_success'
  | 'last_reading'
  | 'rows'
  | 'latency'
  | 'runs'
  | 'failed'
  | 'rejected'
  | 'dead';
