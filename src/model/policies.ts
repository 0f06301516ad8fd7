import type { BatchPolicy, RetryPolicy } from './shapes.ts';

/** How readings become windows. */
export interface WindowPolicy {
  readonly spanMs: number;
  /** How long after its end a window waits for readings that are on their way. */
  readonly graceMs: number;
}

/** Which readings this pipeline takes. */
export interface AdmissionPolicy {
  readonly sensors: ReadonlySet<string>;
  /** Names of this store in a topic's last level; readings for other stores are refused. */
  readonly storeNames: ReadonlySet<string>;
  /** How far a live reading's clock may differ from ours; infinite where time is a recording's own. */
  readonly maxClockSkewMs: number;
}

/** How assignments become transitions, dwells and visits. */
export interface MovementPolicy {
  /** Assignments in a row that a new zone needs before a phone counts as having moved there. */
  readonly confirmAssignments: number;
  /** A dwell ends when its phone was not heard for this long. */
  readonly dwellGapSeconds: number;
  /** A visit ends when its phone was not heard for this long. */
  readonly visitGapSeconds: number;
  /** How often phones that fell silent are looked for. */
  readonly sweepMs: number;
}

export interface UploadPolicy {
  readonly batch: BatchPolicy;
  readonly retry: RetryPolicy;
}

export interface Policies {
  readonly admission: AdmissionPolicy;
  readonly window: WindowPolicy;
  readonly movement: MovementPolicy;
  readonly upload: UploadPolicy;
}
