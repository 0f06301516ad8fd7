import { AsyncLocalStorage } from 'node:async_hooks';
import type { PipelineEvent } from '../../model/shapes.ts';
import { codeOf } from '../../production/thrown.ts';

type Log = (event: PipelineEvent) => void;

const listening = new AsyncLocalStorage<Log | undefined>();
const METHODS = ['error', 'warn', 'info', 'log'] as const;
const patched = new WeakSet<Console>();

/** A database error carries the statement's parameters, hashes among them: only its words pass. */
const wordsOf = (value: unknown): string => {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null || !('message' in value)) return typeof value;
  return [codeOf(value), value.message].filter(Boolean).join(' ');
};

const patch = (target: Console): void => {
  if (patched.has(target)) return;
  patched.add(target);
  for (const method of METHODS) {
    const print = target[method].bind(target);
    target[method] = (...args: unknown[]) => {
      const log = listening.getStore();
      if (log === undefined) return print(...args);
      const words = args.map(wordsOf).join(' ');
      // `log` may print in its turn.
      listening.run(undefined, () => log({ level: 'debug', event: 'supabase said', words }));
    };
  }
};

/**
 * Runs `work`; what it and all that it starts would print goes to `log` instead, without objects.
 * For a library that writes every refused statement, values and all, to the console.
 */
export const quietly = <A>(log: Log, work: () => A): A => {
  patch(globalThis.console);
  return listening.run(log, work);
};
