import { readFileSync } from 'node:fs';
import type { PoolClient } from 'pg';

/** What one run took. */
export interface Cost {
  /** By the clock, milliseconds. */
  readonly taken: number;
  /** What the server's process computed, milliseconds: on a busy machine much less. */
  readonly computed: number;
}

/** Linux tells a process's time on a processor in nanoseconds. */
const computedMs = (pid: number): number =>
  Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6;

/** The server's process that answers this client, on this machine. */
export const processOf = async (client: PoolClient): Promise<number> =>
  (await client.query('select pg_backend_pid() as pid')).rows[0].pid;

export const costOf = async (pid: number, run: () => Promise<unknown>): Promise<Cost> => {
  const [begun, computed] = [performance.now(), computedMs(pid)];
  await run();
  return { taken: performance.now() - begun, computed: computedMs(pid) - computed };
};

const median = (values: ReadonlyArray<number>): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

export const medians = (costs: ReadonlyArray<Cost>): Cost => ({
  taken: median(costs.map(({ taken }) => taken)),
  computed: median(costs.map(({ computed }) => computed)),
});
