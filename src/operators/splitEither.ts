import { either as E } from 'fp-ts';
import { filter, map, pipe } from 'rxjs';
import type { Operator } from '../model/shapes.ts';
import { fanOut } from './fanOut.ts';

/** Lefts go one way, Rights the other; what both emit is merged. */
export const splitEither = <L, R, B>(
  onLeft: Operator<L, B>,
  onRight: Operator<R, B>,
): Operator<E.Either<L, R>, B> =>
  fanOut(
    pipe(
      filter((value: E.Either<L, R>) => E.isLeft(value)),
      map(({ left }) => left),
      onLeft,
    ),
    pipe(
      filter((value: E.Either<L, R>) => E.isRight(value)),
      map(({ right }) => right),
      onRight,
    ),
  );
