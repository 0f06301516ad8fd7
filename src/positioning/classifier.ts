import type { Json } from '../model/json.ts';
import type { RssiVector } from '../model/rssiVector.ts';

/** What is known of one phone in one window; times in Unix seconds, `vector` in dBm. */
export interface Evidence extends Pick<RssiVector, 'vector' | 'counts' | 'window_start' | 'ts'> {
  /** Sensors that heard some phone in the last minute, but not this one. */
  readonly silent: ReadonlyArray<string>;
}

/**
 * What a classifier keeps of a phone from one window to the next: small, and its own to interpret.
 * It may come back from a checkpoint that another version or another layout wrote: what does not
 * fit must count as none.
 */
export type Belief = Json;

/** Where a phone is, and how sure that is. */
export interface Estimate {
  readonly zone_id: number;
  /** The next best zone; null in a shop of one zone. */
  readonly runner_up: number | null;
  /** The winning zone's posterior probability, 0…1. */
  readonly confidence: number;
  /** The winner's posterior minus the runner-up's, 0…1. */
  readonly margin: number;
  /** Posterior mean position, metres. */
  readonly x: number;
  readonly y: number;
}

export interface Located {
  readonly estimate: Estimate;
  readonly belief: Belief;
}

export interface Classifier {
  /**
   * One window of one phone → its zone. Pure: the same evidence and belief give the same answer.
   * `belief` is the one of the phone's window before; undefined for a phone that is new, or that
   * was not heard for longer than `beliefExpiryMs`. Undefined: nothing is known to place it by.
   */
  readonly locate: (evidence: Evidence, belief: Belief | undefined) => Located | undefined;
  /** In the readings' own time; 0 for a classifier that remembers nothing. */
  readonly beliefExpiryMs: number;
}

/** A classifier that places every phone. */
export interface PlacingClassifier extends Classifier {
  readonly locate: (evidence: Evidence, belief: Belief | undefined) => Located;
}

/** Of a shop of which neither a survey nor the places of its sensors are known: places nobody. */
export const NO_CLASSIFIER: Classifier = { locate: () => undefined, beliefExpiryMs: 0 };
