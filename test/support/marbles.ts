import { type Observable, Subject, timer } from 'rxjs';
import { type RunHelpers, TestScheduler } from 'rxjs/testing';
import type { Env, PipelineEvent } from '../../src/model/shapes.ts';

/** An {@link Env} whose log can be read back. */
export interface TestEnv extends Env {
  readonly logged: ReadonlyArray<PipelineEvent>;
}

/** Virtual time; `random` is 0.5 unless a test says otherwise, so a back-off waits half its bound. */
export const testEnv = (
  scheduler: TestScheduler,
  { random = () => 0.5 }: { readonly random?: () => number } = {},
): TestEnv => {
  const logged: PipelineEvent[] = [];
  return { scheduler, random, log: (event) => logged.push(event), logged };
};

export interface Marbles extends RunHelpers {
  readonly scheduler: TestScheduler;
  readonly env: TestEnv;
}

/** A test in rxjs's run mode: `it('…', marbles(({ cold, expectObservable }) => { … }))`. */
export const marbles = (body: (helpers: Marbles) => void) => (): void => {
  const scheduler = new TestScheduler((actual, expected) => expect(actual).toEqual(expected));
  scheduler.run((helpers) => body({ ...helpers, scheduler, env: testEnv(scheduler) }));
};

/** What was emitted, and when (virtual ms). */
export interface Timed<A> {
  readonly at: number;
  readonly value: A;
}

/** Emits each value at its time and completes with the last one, whatever order they are given in. */
export const arrivals = <A>(
  timed: ReadonlyArray<Timed<A>>,
  { scheduler }: Pick<Env, 'scheduler'>,
): Observable<A> => {
  const arriving = new Subject<A>();
  const ordered = [...timed].sort((a, b) => a.at - b.at);
  const lastAt = ordered.at(-1)?.at ?? 0;
  for (const { at, value } of ordered) timer(at, scheduler).subscribe(() => arriving.next(value));
  timer(lastAt, scheduler).subscribe(() => arriving.complete());
  return arriving;
};

/** Lets all of `build`'s virtual time pass and returns what it emitted; for properties. */
export const emittedBy = <A>(
  build: (env: TestEnv) => Observable<A>,
  options: Parameters<typeof testEnv>[1] = {},
): ReadonlyArray<Timed<A>> => {
  const scheduler = new TestScheduler(() => undefined);
  const emitted: Timed<A>[] = [];
  scheduler.run(({ flush }) => {
    build(testEnv(scheduler, options)).subscribe((value) =>
      emitted.push({ at: scheduler.now(), value }),
    );
    flush();
  });
  return emitted;
};
