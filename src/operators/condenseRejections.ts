import { Observable, type Subscription } from 'rxjs';
import type { Received } from '../model/received.ts';
import type { Rejected } from '../model/rejected.ts';
import type { Env, Operator } from '../model/shapes.ts';

/** How many rejections are kept whole. */
export interface CondensePolicy {
  readonly everyMs: number;
  /** Of one topic, in that time. */
  readonly lines: number;
  /** Beyond so many topics, which anybody can invent, the others share one account. */
  readonly topics: number;
}

export const CONDENSE: CondensePolicy = { everyMs: 10_000, lines: 100, topics: 100 };

interface LeftOut {
  readonly count: number;
  readonly first: Rejected;
  readonly lastAt: number;
}

const summary = (topic: string, { count, first, lastAt }: LeftOut, everyMs: number): Received => ({
  _tag: 'Condensed',
  value: {
    topic,
    reasons: [`${count} more within ${everyMs / 1000} s, the first of them: ${first.reasons[0]}`],
    received_at: lastAt,
    payload: first.payload,
    cause: first.cause,
  },
});

/**
 * Keeps the first rejections of each topic; of the others only their number, one line at the end of
 * each interval and on completion: who sends rubbish fast shall not fill the disk with it. Each
 * stays in its place, as it may have to be acknowledged; what is no rejection passes unchanged.
 */
export const condenseRejections =
  (policy: CondensePolicy, env: Pick<Env, 'scheduler'>): Operator<Received, Received> =>
  (received$) =>
    new Observable((subscriber) => {
      const passed = new Map<string, number>();
      const leftOut = new Map<string, LeftOut>();
      let interval: Subscription | undefined;
      const conclude = (): void => {
        interval?.unsubscribe();
        interval = undefined;
        const summaries = [...leftOut].map(([topic, rest]) => summary(topic, rest, policy.everyMs));
        passed.clear();
        leftOut.clear();
        for (const one of summaries) subscriber.next(one);
      };
      const accountOf = (topic: string): string =>
        passed.has(topic) || passed.size < policy.topics ? topic : '(other topics)';
      const isKept = (rejection: Rejected): boolean => {
        interval ??= env.scheduler.schedule(conclude, policy.everyMs);
        const topic = accountOf(rejection.topic);
        const lines = passed.get(topic) ?? 0;
        passed.set(topic, lines + 1);
        if (lines < policy.lines) return true;
        const { count, first } = leftOut.get(topic) ?? { count: 0, first: rejection };
        leftOut.set(topic, { count: count + 1, first, lastAt: rejection.received_at });
        return false;
      };
      const take = (one: Received): void => {
        if (one._tag !== 'Rejected' || isKept(one.value)) {
          subscriber.next(one);
          return;
        }
        const { value, acknowledge } = one;
        subscriber.next({
          _tag: 'Unkept',
          cause: value.cause,
          ...(acknowledge && { acknowledge }),
        });
      };
      // One for all intervals: each of them added by itself would stay with the subscriber.
      subscriber.add(() => interval?.unsubscribe());
      subscriber.add(
        received$.subscribe({
          next: take,
          error: (problem) => subscriber.error(problem),
          complete: () => {
            conclude();
            subscriber.complete();
          },
        }),
      );
    });
