import { either as E } from 'fp-ts';
import { isHeard, NON_PHONE, type Signal } from '../../model/heard.ts';
import type { Rejected } from '../../model/rejected.ts';
import type { Decode } from './format.ts';

/** A reading of one of these ids is of no phone. */
export const dropId =
  (ids: ReadonlySet<string>) =>
  (decoded: E.Either<Rejected, Signal>): E.Either<Rejected, Signal> =>
    E.isRight(decoded) && isHeard(decoded.right) && ids.has(decoded.right.reading.phone_id)
      ? E.right(NON_PHONE)
      : decoded;

/** `decode`, for which readings of these ids are of no phone. */
export const dropIds = (ids: ReadonlySet<string>, decode: Decode): Decode =>
  ids.size === 0 ? decode : (message) => decode(message).map(dropId(ids));
