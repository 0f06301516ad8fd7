import type { either as E } from 'fp-ts';
import type { Signal } from '../../model/heard.ts';
import type { Message } from '../../model/message.ts';
import type { Rejected } from '../../model/rejected.ts';

/** What a message says: nothing, where it is none of our business; never throws. */
export type Decode = (message: Message) => ReadonlyArray<E.Either<Rejected, Signal>>;

/** How a system publishes what its sensors hear. */
export interface Format {
  /** Topic filters of its readings and of its sensors' health. */
  readonly topics: ReadonlyArray<string>;
  readonly decode: Decode;
}
