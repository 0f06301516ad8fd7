import { Observable } from 'rxjs';
import type { Deliver } from '../model/shapes.ts';

/** A port that is used by one delivery at a time, in the order of the subscriptions. */
export const oneAtATime = <A, R>(deliver: Deliver<A, R>): Deliver<A, R> => {
  const waiting: Array<() => void> = [];
  let isBusy = false;
  const leave = (): void => {
    isBusy = false;
    waiting.shift()?.();
  };
  return (item) =>
    new Observable((subscriber) => {
      const enter = (): void => {
        isBusy = true;
        subscriber.add(leave);
        subscriber.add(deliver(item).subscribe(subscriber));
      };
      if (!isBusy) return enter();
      waiting.push(enter);
      subscriber.add(() => {
        const at = waiting.indexOf(enter);
        if (at >= 0) waiting.splice(at, 1);
      });
    });
};
