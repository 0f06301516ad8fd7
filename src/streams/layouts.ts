import { either as E } from 'fp-ts';
import {
  concatMap,
  EMPTY,
  exhaustMap,
  map,
  mergeScan,
  type Observable,
  of,
  repeat,
  timer,
} from 'rxjs';
import type { Layout } from '../model/layout.ts';
import { type LayoutChange, layoutChange } from '../model/layoutChange.ts';
import type { Env } from '../model/shapes.ts';

type Problems = ReadonlyArray<string>;
type Read = E.Either<Problems, Layout>;
/** Makes of a layout what it takes to use it. Must not error. */
type Load<A> = (layout: Layout) => Observable<E.Either<Problems, A>>;

interface Seen<A> {
  readonly layout: Layout;
  /** Read last time: it counts when it is read again, for a file may be half written. */
  readonly candidate?: Layout;
  readonly news?: { readonly change: LayoutChange; readonly loaded: A };
  /** The problems that were told last; the same ones are not told again. */
  readonly told: string;
}

const seeing = <A>(load: Load<A>, { log }: Pick<Env, 'log'>) => {
  const tell = (found: Problems, told: string): string => {
    const problems = found.join('; ');
    if (problems !== told)
      log({ level: 'error', event: 'layout not usable', problems, kept: 'the one before' });
    return problems;
  };
  /** What cannot be loaded stays a candidate: a file that it needs may follow. */
  const tryOut = (before: Seen<A>, layout: Layout, change: LayoutChange): Observable<Seen<A>> =>
    load(layout).pipe(
      map((result) =>
        E.isRight(result)
          ? { layout, news: { change, loaded: result.right }, told: '' }
          : { layout: before.layout, candidate: layout, told: tell(result.left, before.told) },
      ),
    );
  return (before: Seen<A>, read: Read): Observable<Seen<A>> => {
    const { layout, candidate, told } = before;
    if (E.isLeft(read)) return of({ layout, told: tell(read.left, told) });
    const change = layoutChange(layout, read.right);
    if (change === undefined) return of({ layout, told: '' });
    return candidate !== undefined && layoutChange(candidate, read.right) === undefined
      ? tryOut(before, read.right, change)
      : of({ layout, candidate: read.right, told: '' });
  };
};

/**
 * What `load` makes of the layout each time that it has become another one, looked for every
 * `everyMs` and in use when it was found twice and could be loaded. What cannot be used is logged,
 * once, and tried again at the next look; the layout before stays. Never completes; `read` must not
 * error.
 *
 * @param initial the layout that is in use already
 */
export const layouts = <A>(
  initial: Layout,
  read: Observable<Read>,
  load: Load<A>,
  everyMs: number,
  env: Pick<Env, 'scheduler' | 'log'>,
): Observable<A> =>
  timer(everyMs, env.scheduler).pipe(
    repeat(),
    exhaustMap(() => read),
    mergeScan(seeing(load, env), { layout: initial, told: '' } as Seen<A>, 1),
    concatMap(({ news }) => {
      if (news === undefined) return EMPTY;
      env.log({ level: 'info', event: 'layout changed', ...news.change });
      return of(news.loaded);
    }),
  );
