import { either as E } from 'fp-ts';
import { exhaustMap, filter, map, type Observable, repeat, scan, timer } from 'rxjs';
import type { Layout } from '../model/layout.ts';
import { type LayoutChange, layoutChange } from '../model/layoutChange.ts';
import type { Env } from '../model/shapes.ts';

type Read = E.Either<ReadonlyArray<string>, Layout>;

interface Seen {
  readonly layout: Layout;
  /** Read last time: it counts when it is read again, for a file may be half written. */
  readonly candidate?: Layout;
  readonly change?: LayoutChange;
  /** The problems that were told last; the same ones are not told again. */
  readonly told: string;
}

const seeing =
  (env: Pick<Env, 'log'>) =>
  ({ layout: before, candidate, told }: Seen, read: Read): Seen => {
    if (E.isLeft(read)) {
      const problems = read.left.join('; ');
      if (problems !== told)
        env.log({ level: 'error', event: 'layout not usable', problems, kept: 'the one before' });
      return { layout: before, told: problems };
    }
    const change = layoutChange(before, read.right);
    if (change === undefined) return { layout: before, told: '' };
    return candidate !== undefined && layoutChange(candidate, read.right) === undefined
      ? { layout: read.right, change, told: '' }
      : { layout: before, candidate: read.right, told: '' };
  };

/**
 * The layout each time that it has become another one, looked for every `everyMs` and in use when it
 * was found twice. What cannot be used is logged, once, and the layout before stays. Never completes; `read` must not error.
 *
 * @param initial the layout that is in use already
 */
export const layouts = (
  initial: Layout,
  read: Observable<Read>,
  everyMs: number,
  env: Pick<Env, 'scheduler' | 'log'>,
): Observable<Layout> =>
  timer(everyMs, env.scheduler).pipe(
    repeat(),
    exhaustMap(() => read),
    scan(seeing(env), { layout: initial, told: '' } as Seen),
    filter(({ change }) => change !== undefined),
    map(({ layout, change }) => {
      env.log({ level: 'info', event: 'layout changed', ...change });
      return layout;
    }),
  );
