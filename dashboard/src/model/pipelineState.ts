import { STALE_AFTER_SECONDS } from './freshness.ts';
import type { Sensor } from './sensors.ts';

/** What an operator wants to know first. */
export type PipelineState = 'flowing' | 'slow' | 'failing' | 'never';

interface Health {
  readonly last_run_status: string | null;
  readonly seconds_since_success: number | null;
}

export const pipelineState = ({
  last_run_status,
  seconds_since_success,
}: Health): PipelineState => {
  if (last_run_status === 'failed') return 'failing';
  if (seconds_since_success === null) return 'never';
  return seconds_since_success > STALE_AFTER_SECONDS ? 'slow' : 'flowing';
};

const SILENT_AFTER_SECONDS = 300;

export const isAlive = ({ seconds_since }: Pick<Sensor, 'seconds_since'>): boolean =>
  seconds_since !== null && seconds_since <= SILENT_AFTER_SECONDS;
