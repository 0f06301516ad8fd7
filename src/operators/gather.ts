import { defer, Observable, type ObservableInput } from 'rxjs';
import type { Operator } from '../model/shapes.ts';

/**
 * Group commit: one `handOver` at a time, each with everything that arrived during the one before.
 * An idle stream hands over item by item, a busy one in ever larger groups; nothing waits on a
 * timer. On completion the rest is handed over first; an error of either side passes at once.
 */
export const gather =
  <A, B>(handOver: (items: ReadonlyArray<A>) => ObservableInput<B>): Operator<A, B> =>
  (items$) =>
    new Observable((subscriber) => {
      let waiting: A[] = [];
      let busy = false;
      let ended = false;
      const proceed = (): void => {
        if (busy) return;
        if (waiting.length === 0) {
          if (ended) subscriber.complete();
          return;
        }
        const items = waiting;
        waiting = [];
        busy = true;
        subscriber.add(
          defer(() => handOver(items)).subscribe({
            next: (value) => subscriber.next(value),
            error: (error) => subscriber.error(error),
            complete: () => {
              busy = false;
              proceed();
            },
          }),
        );
      };
      subscriber.add(
        items$.subscribe({
          next: (item) => {
            waiting.push(item);
            proceed();
          },
          error: (error) => subscriber.error(error),
          complete: () => {
            ended = true;
            proceed();
          },
        }),
      );
    });
