import type { RssiVector } from '../model/rssiVector.ts';

/** Where a phone is, and how sure that is. */
export interface Estimate {
  readonly zone_id: number;
  /** The winning zone's posterior probability, 0…1. */
  readonly confidence: number;
  /** The winner's posterior minus the runner-up's, 0…1. */
  readonly margin: number;
  /** Posterior mean position, metres. */
  readonly x: number;
  readonly y: number;
}

/** One window of one phone → its zone. Pure: the same vector gives the same estimate. */
export type Classifier = (heard: Pick<RssiVector, 'vector' | 'counts'>) => Estimate;
