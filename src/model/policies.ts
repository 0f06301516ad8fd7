import type { Listed } from './infrastructure.ts';
import type { BreakerPolicy } from './path.ts';
import type { BatchPolicy, RetryPolicy } from './shapes.ts';

/** How readings become windows. */
export interface WindowPolicy {
  readonly spanMs: number;
  /** How long after its end a window waits for readings that are on their way. */
  readonly graceMs: number;
  /** When windows are looked at: so long after each of their ends; absent: from the start, in spans. */
  readonly beatMs?: number;
}

/** Which readings this pipeline takes. */
export interface AdmissionPolicy {
  readonly sensors: ReadonlySet<string>;
  /** Above stores and sensors in topics; `neuralsense/rssi` when left out. */
  readonly rssiTopic?: string;
  /** Names of this store in topics; readings for other stores are refused. */
  readonly storeNames: ReadonlySet<string>;
  /** How many readings of one sensor count in `spanMs` of their own time; absent: all. */
  readonly quota?: { readonly spanMs: number; readonly readings: number };
}

/** How the time of a reading is taken. */
export interface ClockPolicy {
  /** Whether readings of clocks that are not kept are put on this machine's clock. */
  readonly isCorrecting: boolean;
  /**
   * How far a time may then differ from this machine's, but for what waited and is only old;
   * infinite where time is a recording's own.
   */
  readonly maxSkewMs: number;
}

/** How many readings of one sensor and phone are kept in `spanMs` of their own time. */
export interface ThinPolicy {
  readonly readings: number;
  readonly spanMs: number;
}

/** How assignments become transitions, dwells and visits. */
export interface MovementPolicy {
  /** Assignments in a row that a new zone needs before a phone counts as having moved there. */
  readonly confirmAssignments: number;
  /** A dwell ends when its phone was not heard for this long. */
  readonly dwellGapSeconds: number;
  /** A visit ends when its phone was not heard for this long. */
  readonly visitGapSeconds: number;
  /** When no phone at all was heard for this long, the machine's clock tells the time, not theirs. */
  readonly quietMs: number;
}

/** How uploads catch up with the files, and what of them waits in memory. */
export interface CatchUpPolicy {
  /** Rows that wait in memory at most; beyond, they are read back from the files. */
  readonly waitingItems: number;
  /** Rows of the present that wait in memory at most while the past is read back. */
  readonly previewItems: number;
  /** Rows in one upload at most, where the path bears it. */
  readonly pageItems: number;
  /** Uploads under way at most. */
  readonly concurrency: number;
  /** Of so many uploads one is of the present. */
  readonly previewEvery: number;
}

/** How dead letters that may arrive after all are sent again. */
export interface RedrivePolicy {
  /** Between two letters. */
  readonly intervalMs: number;
  /** Between the end of a round and the next one. */
  readonly restMs: number;
  /** A row that fails while others arrive is bad once so many tries of it have failed: fewer may be chance. */
  readonly triesToBlame: number;
}

export interface UploadPolicy {
  readonly batch: BatchPolicy;
  readonly retry: RetryPolicy;
  readonly breaker: BreakerPolicy;
  readonly catchUp: CatchUpPolicy;
  readonly redrive: RedrivePolicy;
}

export interface Policies {
  /** Absent: all are kept. */
  readonly thinning?: ThinPolicy;
  readonly admission: AdmissionPolicy;
  readonly clocks: ClockPolicy;
  readonly window: WindowPolicy;
  readonly movement: MovementPolicy;
  readonly infrastructure?: Listed;
  readonly upload: UploadPolicy;
}
