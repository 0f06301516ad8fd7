import { STALE_AFTER_SECONDS } from './freshness.ts';

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

export const isAlive = ({ seconds_since }: { readonly seconds_since: number }): boolean =>
  seconds_since <= SILENT_AFTER_SECONDS;
