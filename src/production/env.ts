import { asyncScheduler } from 'rxjs';
import type { Env } from '../model/shapes.ts';

/** The machine's own clock and randomness. */
export const productionEnv = (log: Env['log']): Env => ({
  scheduler: asyncScheduler,
  random: Math.random,
  log,
});
