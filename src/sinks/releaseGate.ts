import { type Observable, Subject } from 'rxjs';
import type { Env } from '../model/shapes.ts';

export type Release<F> =
  /** May leave the machine: it is committed, or the disk fails and it waits in memory to be. */
  | { readonly _tag: 'Released'; readonly flush: F }
  /** Saving has begun to fail, with the reason, or works again. */
  | { readonly _tag: 'Saving'; readonly problem?: string };

export interface ReleaseGate<F> {
  readonly out$: Observable<Release<F>>;
  readonly entered: (flush: F) => void;
  readonly committed: (flushes: ReadonlyArray<F>) => void;
  readonly failed: (reason: string) => void;
  readonly worked: () => void;
  readonly close: () => void;
}

/** Lets each flush out once and in order: when it is committed, or at once while saving fails. */
export const releaseGate = <F>(env: Pick<Env, 'log'>): ReleaseGate<F> => {
  const out$ = new Subject<Release<F>>();
  let inside: ReadonlyArray<F> = [];
  let problem: string | undefined;
  const release = (leaving: ReadonlyArray<F>): void => {
    inside = inside.filter((flush) => !leaving.includes(flush));
    for (const flush of leaving) out$.next({ _tag: 'Released', flush });
  };
  return {
    out$,
    entered: (flush) => {
      inside = [...inside, flush];
      if (problem !== undefined) release(inside);
    },
    committed: (flushes) => release(inside.filter((flush) => flushes.includes(flush))),
    failed: (reason) => {
      if (problem === undefined) env.log({ level: 'error', event: 'saving failed', reason });
      if (problem !== reason) out$.next({ _tag: 'Saving', problem: reason });
      problem = reason;
      release(inside);
    },
    worked: () => {
      if (problem === undefined) return;
      problem = undefined;
      env.log({ level: 'info', event: 'saving resumed' });
      out$.next({ _tag: 'Saving' });
    },
    close: () => out$.complete(),
  };
};
