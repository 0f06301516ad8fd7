import { fromEvent, merge, type Observable, share, take, tap } from 'rxjs';

/** Emits at the first SIGINT or SIGTERM; the second one ends the process as Node does by itself. */
export const stopSignal = (onStop: () => void): Observable<unknown> =>
  merge(fromEvent(process, 'SIGINT'), fromEvent(process, 'SIGTERM')).pipe(
    take(1),
    tap(onStop),
    share(),
  );
