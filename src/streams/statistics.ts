import { bufferTime, map, pipe, scan } from 'rxjs';
import { isDeadLetter } from '../model/outcome.ts';
import type { Path } from '../model/path.ts';
import { addUp, type Counted } from '../model/rejectionCounts.ts';
import type { Report } from '../model/report.ts';
import type { Env, Operator } from '../model/shapes.ts';
import { sizeOf } from '../model/upload.ts';

/** What came in the last seconds. */
export interface Recent {
  readonly readings: number;
  /** What was rejected, by its causes. */
  readonly causes: ReadonlyArray<Counted>;
}

/** How the pipeline does. Rates and latency are of the last interval, counts since the start. */
export interface Statistics {
  readonly readingsPerSecond: number;
  readonly readings: number;
  readonly rejected: number;
  readonly recent: Recent;
  /** When anything was last received, ms by the scheduler's clock; absent: nothing yet. */
  readonly heardAtMs?: number;
  /** Readings that came again and were counted before; messages lost for want of room. */
  readonly repeated: number;
  readonly dropped: number;
  /** Readings of addresses that no phone has: of groups, such as broadcast. */
  readonly nonPhones: number;
  /** Readings beyond those that tell something of their sensor and phone. */
  readonly thinned: number;
  /** Why nothing can be saved at present. */
  readonly notSaving?: string;
  /** Phones placed in the last minute, and the zones that they were last placed in. */
  readonly phones: number;
  readonly zones: number;
  readonly assignments: number;
  /** Ids that were found to be access points and the like. */
  readonly infrastructure: number;
  /** Rows that the database has; rows in failed_uploads. */
  readonly uploaded: number;
  readonly failed: number;
  /** Deliveries that needed more than one attempt. */
  readonly retried: number;
  /** While earlier rows are read back from the files: how many were, and how many are left. */
  readonly caughtUp: number;
  readonly behind: number;
  /** How the path to the database is, and why where it is not closed. */
  readonly path: Path['_tag'];
  readonly pathReason: string;
  /** Mean time from a delivery's first attempt to its answer; 0 where there was none. */
  readonly latencyMs: number;
}

interface Seen {
  readonly zone_id: number;
  readonly atMs: number;
}

interface Span extends Recent {
  readonly atMs: number;
}

interface Totals {
  readonly statistics: Statistics;
  readonly seen: ReadonlyMap<string, Seen>;
  readonly spans: ReadonlyArray<Span>;
}

const PRESENT_MS = 60_000;
const RECENT_MS = 10_000;

const NOTHING: Totals = {
  statistics: {
    readingsPerSecond: 0,
    readings: 0,
    rejected: 0,
    recent: { readings: 0, causes: [] },
    repeated: 0,
    dropped: 0,
    nonPhones: 0,
    thinned: 0,
    phones: 0,
    zones: 0,
    assignments: 0,
    infrastructure: 0,
    uploaded: 0,
    failed: 0,
    retried: 0,
    caughtUp: 0,
    behind: 0,
    path: 'Closed',
    pathReason: '',
    latencyMs: 0,
  },
  seen: new Map(),
  spans: [],
};

const reported = <Tag extends Report['_tag']>(reports: ReadonlyArray<Report>, tag: Tag) =>
  reports.filter((report): report is Extract<Report, { _tag: Tag }> => report._tag === tag);

const sum = (values: ReadonlyArray<number>): number =>
  values.reduce((total, value) => total + value, 0);

const reasonOf = (path: Path): string => {
  if (path._tag === 'Parked') return `${path.reason}: ${path.advice}`;
  return path._tag === 'Open' ? path.reason : '';
};

const countsOf = (journalled: ReadonlyArray<Extract<Report, { _tag: 'Journalled' }>>) => ({
  readings: sum(journalled.map(({ readings }) => readings)),
  rejected: sum(journalled.map(({ rejected }) => rejected)),
  repeated: sum(journalled.map(({ repeated }) => repeated)),
  nonPhones: sum(journalled.map(({ nonPhones }) => nonPhones)),
  thinned: sum(journalled.map(({ thinned }) => thinned)),
});

const recentOf = (spans: ReadonlyArray<Span>): Recent => ({
  readings: sum(spans.map(({ readings }) => readings)),
  causes: addUp(spans.flatMap(({ causes }) => causes)),
});

const add =
  (intervalMs: number) =>
  (
    before: Totals,
    { reports, nowMs }: { reports: ReadonlyArray<Report>; nowMs: number },
  ): Totals => {
    const journalled = reported(reports, 'Journalled');
    const came = countsOf(journalled);
    const isSilent = Object.values(came).every((count) => count === 0);
    const heardBefore = before.statistics.heardAtMs;
    const heardAtMs = isSilent ? heardBefore && Math.min(heardBefore, nowMs) : nowMs;
    const causes = addUp(journalled.flatMap((one) => one.causes));
    const spans = [
      ...before.spans.filter(({ atMs }) => Math.abs(nowMs - atMs) < RECENT_MS),
      { atMs: nowMs, readings: came.readings, causes },
    ];
    const placed = reported(reports, 'Placed').flatMap(({ assignments }) => assignments);
    const saving = reported(reports, 'Saving').at(-1);
    const outcomes = reported(reports, 'Uploaded').map(({ outcome }) => outcome);
    const delivered = outcomes.filter((outcome) => outcome._tag === 'Delivered');
    const dead = outcomes.filter(isDeadLetter);
    const again = reported(reports, 'Redriven').map(({ outcome }) => outcome);
    const arrived = again.filter((outcome) => outcome._tag === 'Delivered');
    const path = reported(reports, 'UploadPath').at(-1)?.path;
    const backlog = reported(reports, 'CatchingUp').at(-1)?.backlog;
    const seen = new Map(
      [
        ...before.seen,
        ...placed.map(({ phone_id, zone_id }): [string, Seen] => [
          phone_id,
          { zone_id, atMs: nowMs },
        ]),
      ].filter(([, { atMs }]) => Math.abs(nowMs - atMs) < PRESENT_MS),
    );
    const { notSaving, ...statistics } = before.statistics;
    const problem = saving === undefined ? notSaving : saving.problem;
    return {
      seen,
      spans,
      statistics: {
        readingsPerSecond: Math.round((came.readings * 10_000) / intervalMs) / 10,
        readings: statistics.readings + came.readings,
        rejected: statistics.rejected + came.rejected,
        recent: recentOf(spans),
        ...(heardAtMs !== undefined && { heardAtMs }),
        repeated: statistics.repeated + came.repeated,
        dropped: statistics.dropped + reported(reports, 'Dropped').length,
        nonPhones: statistics.nonPhones + came.nonPhones,
        thinned: statistics.thinned + came.thinned,
        ...(problem !== undefined && { notSaving: problem }),
        phones: seen.size,
        zones: new Set([...seen.values()].map(({ zone_id }) => zone_id)).size,
        assignments: statistics.assignments + placed.length,
        infrastructure:
          statistics.infrastructure +
          sum(reported(reports, 'Placed').map(({ infrastructure }) => infrastructure)),
        uploaded:
          statistics.uploaded +
          sum(
            [...delivered, ...arrived].map(
              ({ item, receipt }) => sizeOf(item) - receipt.rejections.length,
            ),
          ),
        failed: Math.max(
          0,
          statistics.failed +
            sum(dead.map(({ item }) => sizeOf(item))) -
            sum(arrived.map(({ item, receipt }) => sizeOf(item) - receipt.rejections.length)),
        ),
        retried: statistics.retried + outcomes.filter(({ attempts }) => attempts > 1).length,
        caughtUp: backlog?.done ?? statistics.caughtUp,
        behind: backlog ? backlog.total - backlog.done : statistics.behind,
        path: path?._tag ?? statistics.path,
        pathReason: path ? reasonOf(path) : statistics.pathReason,
        latencyMs: sum(delivered.map(({ latencyMs }) => latencyMs)) / Math.max(delivered.length, 1),
      },
    };
  };

/** Reports → statistics every `intervalMs`, and once more on completion. */
export const statistics = (
  intervalMs: number,
  env: Pick<Env, 'scheduler'>,
): Operator<Report, Statistics> =>
  pipe(
    bufferTime<Report>(intervalMs, env.scheduler),
    map((reports) => ({ reports, nowMs: env.scheduler.now() })),
    scan(add(intervalMs), NOTHING),
    map(({ statistics: latest }) => latest),
  );
