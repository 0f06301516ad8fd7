import type { GroundTruth } from '../../../src/model/groundTruth.ts';
import type { Zone } from '../../../src/model/layout.ts';
import { scoreAssignments } from '../../../src/positioning/score.ts';
import { truthOf } from '../../../src/positioning/truth.ts';

const phone_id = '02:00:00:00:00:01';
const ROW: ReadonlyArray<Zone> = [1, 2, 3].map((zone_id) => ({
  zone_id,
  x: 4 * zone_id,
  y: 0,
  zone_name: '',
  zone_type: 'display',
}));
const LAYOUT = { zones: ROW, sensors: [] };
const record = (ts: number, zone_id: number | null, x = 0, y = 0): GroundTruth => ({
  phone_id,
  ts,
  x,
  y,
  zone_id,
});
const guess = (ts: number, zone_id: number, x = 0, y = 0, confidence = 0.5) => ({
  phone_id,
  ts,
  zone_id,
  x,
  y,
  confidence,
});

describe('truthOf', () => {
  const at = (truth: ReadonlyArray<GroundTruth>, ts: number) =>
    truthOf(truth, ROW)({ phone_id, ts });

  it('is the mean of the window’s records, and the zone of most of them, in any order', () => {
    const truth = [record(14, 2, 4, 2), record(10, 1, 0, 0), record(12, 2, 2, 1), record(15, 3)];
    expect(at(truth, 14.9)).toEqual({ at: { x: 2, y: 1 }, zone_id: 2 });
    expect(at(truth, 10)).toEqual(at(truth, 14.9));
  });

  it('is the zone with the nearest centre where records name none', () => {
    expect(at([{ ts: 11, x: 8.5, y: 1 }], 12)).toEqual({ at: { x: 8.5, y: 1 }, zone_id: 2 });
  });

  it('comes from 5 s around where the window has no record, and from no farther', () => {
    expect(at([record(10, 1)], 15)?.zone_id).toBe(1);
    expect(at([record(10, 1)], 15.1)).toBeUndefined();
    expect(at([record(10, 1)], 4.9)).toBeUndefined();
  });

  it('holds for as long as a phone stayed at one place, and for no walk', () => {
    expect(at([record(10, 1), record(500, 1)], 200)?.zone_id).toBe(1);
    expect(at([record(10, 1), record(500, 2, 8)], 200)).toBeUndefined();
  });

  it('is of one phone, or of all where it names none', () => {
    const other = { phone_id: '02:00:00:00:00:02', ts: 10 };
    expect(truthOf([record(10, 1)], ROW)(other)).toBeUndefined();
    expect(truthOf([{ ts: 10, x: 4, y: 0 }], ROW)(other)?.zone_id).toBe(1);
  });
});

describe('scoreAssignments', () => {
  it('counts zones and neighbours and measures metres', () => {
    const truth = [10, 15, 20, 25].map((ts) => record(ts, 1));
    const given = [guess(10, 1, 3, 4), guess(15, 2), guess(20, 3), guess(25, 1, 0, 1)];
    expect(scoreAssignments(given, truth, LAYOUT)).toMatchObject({
      assignments: 4,
      judged: 4,
      phones: 1,
      zone_accuracy: 0.5,
      within_one_zone: 0.75,
      mean_error_m: 1.5,
      median_error_m: 0.5,
    });
  });

  it('measures no metres where the truth is a zone alone', () => {
    const truth = [10, 15].map((ts) => ({ ts, zone_id: 1 }));
    const score = scoreAssignments([guess(10, 1), guess(15, 2)], truth, LAYOUT);
    expect(score).toMatchObject({ judged: 2, zone_accuracy: 0.5, mean_error_m: null });
  });

  it('knows how far confidence is from the truth', () => {
    const truth = Array.from({ length: 10 }, (_, index) => record(5 * index, 1));
    const right = (of: number, confidence: number) =>
      scoreAssignments(
        truth.map(({ ts }, index) => guess(ts, index < of ? 1 : 2, 0, 0, confidence)),
        truth,
        LAYOUT,
      ).ece;
    expect(right(7, 0.7)).toBeCloseTo(0, 9);
    expect(right(7, 0.9)).toBeCloseTo(0.2, 9);
    expect(right(10, 1)).toBeCloseTo(0, 9);
  });

  it('counts a change of zone as false where the phone stayed, and as none where it walked', () => {
    const minutes = (zones: ReadonlyArray<number>, truly: ReadonlyArray<number>) =>
      scoreAssignments(
        zones.map((zone, index) => guess(5 * index, zone)),
        truly.map((zone, index) => record(5 * index, zone)),
        LAYOUT,
      ).false_switches_per_minute;
    expect(minutes([1, 2, 1, 1, 1], [1, 1, 1, 1, 1])).toBe(6);
    expect(minutes([1, 1, 2, 2], [1, 1, 2, 2])).toBe(0);
    expect(minutes([1], [1])).toBeNull();
  });

  it('does not judge phones on the street, nor unknown ones, and has no figures for nothing', () => {
    const stranger = { ...guess(10, 1), phone_id: '02:00:00:00:00:02' };
    const score = scoreAssignments([guess(10, 1), stranger], [record(10, null)], LAYOUT);
    expect(score).toMatchObject({ assignments: 2, judged: 0, zone_accuracy: null, ece: null });
  });
});
