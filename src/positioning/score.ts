import type { Assignment } from '../model/assignment.ts';
import type { GroundTruth } from '../model/groundTruth.ts';
import type { Layout } from '../model/layout.ts';
import { areNeighbours, gridOf } from './grid.ts';
import { type Place, truthOf } from './truth.ts';

/**
 * How well assignments tell where phones were, over `judged` of them: shares 0…1, errors in metres.
 * The figures are null where nothing could be judged.
 */
export interface Score {
  readonly assignments: number;
  readonly judged: number;
  readonly phones: number;
  readonly zone_accuracy: number | null;
  /** The zone or one that borders on it. */
  readonly within_one_zone: number | null;
  readonly mean_error_m: number | null;
  readonly median_error_m: number | null;
  readonly p90_error_m: number | null;
  /** Expected calibration error of `confidence`: ten bins of equal width (Guo et al., 2017). */
  readonly ece: number | null;
  /** Changes of zone while the phone stayed in one, for each minute that it did. */
  readonly false_switches_per_minute: number | null;
}

export type Judgeable = Pick<Assignment, 'phone_id' | 'ts' | 'zone_id' | 'x' | 'y' | 'confidence'>;
interface Judged {
  readonly given: Judgeable;
  readonly place: Place;
  readonly right: boolean;
  /** Undefined where the truth is a zone alone. */
  readonly errorM: number | undefined;
}

const BINS = 10;
/** Windows farther apart are no stay under watch, s. */
const WATCHED_S = 60;

const mean = (values: ReadonlyArray<number>): number | null =>
  values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;

/** The value that a share `p` of all lie below, between the two nearest ones. */
const quantile = (values: ReadonlyArray<number>, p: number): number | null => {
  const sorted = [...values].sort((a, b) => a - b);
  const at = p * (sorted.length - 1);
  const [low, high] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]];
  return low === undefined || high === undefined ? null : low + (high - low) * (at % 1);
};

const calibrationError = (judged: ReadonlyArray<Judged>): number | null => {
  if (judged.length === 0) return null;
  const bins = Array.from({ length: BINS }, () => ({ right: 0, confidence: 0 }));
  for (const { given, right } of judged) {
    const bin = bins[Math.min(Math.floor(given.confidence * BINS), BINS - 1)];
    if (bin === undefined) continue;
    bin.right += right ? 1 : 0;
    bin.confidence += given.confidence;
  }
  const gap = bins.reduce((sum, { right, confidence }) => sum + Math.abs(right - confidence), 0);
  return gap / judged.length;
};

const falseSwitchesPerMinute = (judged: ReadonlyArray<Judged>): number | null => {
  const before = new Map<string, Judged>();
  let switches = 0;
  let seconds = 0;
  for (const one of judged) {
    const { phone_id, ts, zone_id } = one.given;
    const earlier = before.get(phone_id);
    before.set(phone_id, one);
    if (earlier === undefined || earlier.place.zone_id !== one.place.zone_id) continue;
    if (ts - earlier.given.ts > WATCHED_S) continue;
    seconds += ts - earlier.given.ts;
    if (earlier.given.zone_id !== zone_id) switches += 1;
  }
  return seconds === 0 ? null : switches / (seconds / 60);
};

const bordering = (layout: Layout): ((a: number, b: number) => boolean) => {
  const border = areNeighbours(gridOf(layout));
  const indexOf = new Map(layout.zones.map(({ zone_id }, index) => [zone_id, index]));
  return (a, b) => a === b || border(indexOf.get(a) ?? -1, indexOf.get(b) ?? -1);
};

/**
 * How well `assignments` tell where phones were, each against the truth of its own window. With no
 * truth about its window, or with the phone on the street, it is not judged. To judge shoppers
 * alone, pass their truth alone.
 */
export const scoreAssignments = (
  assignments: ReadonlyArray<Judgeable>,
  truth: ReadonlyArray<GroundTruth>,
  layout: Layout,
): Score => {
  const placeOf = truthOf(truth, layout.zones);
  const isNear = bordering(layout);
  const judged = [...assignments]
    .sort((a, b) => a.ts - b.ts)
    .flatMap((given): ReadonlyArray<Judged> => {
      const place = placeOf(given);
      if (place === undefined || place.zone_id === null) return [];
      const { at } = place;
      const errorM = at && Math.hypot(at.x - given.x, at.y - given.y);
      return [{ given, place, right: place.zone_id === given.zone_id, errorM }];
    });
  const errors = judged.flatMap(({ errorM }) => errorM ?? []);
  return {
    assignments: assignments.length,
    judged: judged.length,
    phones: new Set(judged.map(({ given }) => given.phone_id)).size,
    zone_accuracy: mean(judged.map(({ right }) => Number(right))),
    within_one_zone: mean(
      judged.map(({ given, place }) => Number(isNear(given.zone_id, place.zone_id ?? -1))),
    ),
    mean_error_m: mean(errors),
    median_error_m: quantile(errors, 0.5),
    p90_error_m: quantile(errors, 0.9),
    ece: calibrationError(judged),
    false_switches_per_minute: falseSwitchesPerMinute(judged),
  };
};
