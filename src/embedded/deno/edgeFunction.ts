import { setTimeout as sleep } from 'node:timers/promises';
import { backoffDelayMs } from '../../model/backoff.ts';
import type { PipelineEvent } from '../../model/shapes.ts';
import { reasonOf } from '../../production/thrown.ts';
import { type DenoOptions, type DenoProcess, denoServe } from './denoServe.ts';

const RESTART = { initialDelayMs: 200, maxDelayMs: 10_000 };
/** Who lived this long was well: the next death is a first one. */
const WELL_AFTER_MS = 10_000;

export interface EdgeFunction {
  /** Where it listens; undefined while it is being restarted. */
  readonly address: () => URL | undefined;
  /** Deno's process id, likewise. */
  readonly pid: () => number | undefined;
  readonly close: () => Promise<void>;
}

export type EdgeFunctionOptions = Omit<DenoOptions, 'onLine'> & {
  readonly log: (event: PipelineEvent) => void;
};

/** Any answer will do: a refusal proves as well that the function runs. */
const untilItAnswers = async ({ url }: DenoProcess): Promise<void> => {
  const answer = await fetch(url, { method: 'OPTIONS' });
  await answer.arrayBuffer();
};

/**
 * Keeps an Edge Function running in Deno until `close`: it is restarted with exponential back-off
 * whenever it dies. Rejects if it does not come up the first time, for then it never will.
 */
export const startEdgeFunction = async (options: EdgeFunctionOptions): Promise<EdgeFunction> => {
  const { log } = options;
  const closing = new AbortController();
  const onLine = (line: string): void => log({ level: 'warn', event: 'function said', line });
  let running: DenoProcess | undefined;

  const start = async (): Promise<DenoProcess> => {
    const deno = await denoServe({ ...options, onLine });
    try {
      await untilItAnswers(deno);
    } catch (error) {
      await deno.stop();
      throw error;
    }
    log({ level: 'debug', event: 'function started', pid: deno.pid });
    return deno;
  };

  const restart = async (deaths: number): Promise<DenoProcess | undefined> => {
    for (let attempt = deaths; !closing.signal.aborted; attempt += 1) {
      const delayMs = backoffDelayMs(RESTART, attempt, Math.random);
      try {
        await sleep(delayMs, undefined, { signal: closing.signal });
        return await start();
      } catch (error) {
        if (!closing.signal.aborted)
          log({ level: 'error', event: 'function restart failed', reason: reasonOf(error) });
      }
    }
    return undefined;
  };

  const supervise = async (first: DenoProcess): Promise<void> => {
    let deaths = 0;
    for (let deno: DenoProcess | undefined = first; deno; ) {
      running = deno;
      const since = performance.now();
      if (closing.signal.aborted) await deno.stop();
      await deno.exited;
      running = undefined;
      if (closing.signal.aborted) return;
      deaths = performance.now() - since > WELL_AFTER_MS ? 1 : deaths + 1;
      log({ level: 'warn', event: 'function died', pid: deno.pid });
      deno = await restart(deaths);
    }
  };

  const supervised = supervise(await start());
  return {
    address: () => running?.url,
    pid: () => running?.pid,
    close: async () => {
      closing.abort();
      await running?.stop();
      await supervised;
    },
  };
};
