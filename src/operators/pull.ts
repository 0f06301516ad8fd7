import { defer, Observable, type ObservableInput } from 'rxjs';

/** Where work comes from: asked for, so that nothing piles up in front of a slow worker. */
export interface Feed<A> {
  /** Emits what is to be done next and completes; completes without a value where there is nothing. */
  readonly next: () => ObservableInput<A>;
  /** Emits when there may be something again; completes when nothing new comes from outside. */
  readonly wake$: Observable<unknown>;
}

/**
 * Asks the feed, once at a time, whenever fewer than `limit()` works are under way, and merges what
 * they emit. Completes when `wake$` has, the feed is empty and the last work is over; an error of
 * any of them passes at once.
 */
export const pull = <A, B>(
  { next, wake$ }: Feed<A>,
  work: (item: A) => ObservableInput<B>,
  limit: () => number,
): Observable<B> =>
  new Observable((subscriber) => {
    let underWay = 0;
    let isAsking = false;
    let isEmpty = false;
    let hasEnded = false;
    let isLooping = false;
    let again = false;
    const error = (problem: unknown): void => subscriber.error(problem);

    const begin = (item: A): void => {
      underWay += 1;
      subscriber.add(
        defer(() => work(item)).subscribe({
          next: (value) => subscriber.next(value),
          error,
          complete: () => {
            underWay -= 1;
            proceed();
          },
        }),
      );
    };
    const ask = (): void => {
      isAsking = true;
      isEmpty = true;
      const items: A[] = [];
      subscriber.add(
        defer(next).subscribe({
          next: (item) => items.push(item),
          error,
          complete: () => {
            isAsking = false;
            isEmpty = isEmpty && items.length === 0;
            items.forEach(begin);
            proceed();
          },
        }),
      );
    };
    const step = (): void => {
      if (isAsking) return;
      if (!isEmpty && underWay < limit()) ask();
      else if (isEmpty && hasEnded && underWay === 0) subscriber.complete();
    };
    /** A loop and not a recursion: works and feeds may answer at once, any number of times. */
    const proceed = (): void => {
      again = true;
      if (isLooping) return;
      isLooping = true;
      while (again && !subscriber.closed) {
        again = false;
        step();
      }
      isLooping = false;
    };
    subscriber.add(
      wake$.subscribe({
        next: () => {
          isEmpty = false;
          proceed();
        },
        error,
        complete: () => {
          hasEnded = true;
          proceed();
        },
      }),
    );
    proceed();
  });
