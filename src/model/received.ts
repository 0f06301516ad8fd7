import type { Reading } from './reading.ts';
import type { Cause, Rejected } from './rejected.ts';
import type { SensorStatus } from './sensorStatus.ts';

/**
 * Tells the broker that a message need not be kept for us any longer. To be called once, when what
 * became of the whole message is safe on disk.
 */
export type Acknowledge = () => void;

/**
 * What became of one reading, or of a message without any, before it is written down. `acknowledge`
 * comes with the last one of a message.
 */
export type Received = (
  | { readonly _tag: 'Reading'; readonly value: Reading }
  | { readonly _tag: 'Rejected'; readonly value: Rejected }
  /** Rejected, and only counted: too many like it are kept already. */
  | { readonly _tag: 'Unkept'; readonly cause: Cause }
  /** Says how many were only counted; is none itself. */
  | { readonly _tag: 'Condensed'; readonly value: Rejected }
  | { readonly _tag: 'Status'; readonly value: SensorStatus }
  /** Counted before: the broker delivered it again. */
  | { readonly _tag: 'Repeated' }
  /** One of so many of its sensor and phone that it tells nothing more: counted and not kept. */
  | { readonly _tag: 'Thinned' }
  /** Heard, and of no phone: counted and not kept. */
  | { readonly _tag: 'NonPhone' }
) & { readonly acknowledge?: Acknowledge };
