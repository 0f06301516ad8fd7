import type { Truth } from '../../../src/embedded/shop/truth.ts';
import { scoreAssignments } from '../../../src/positioning/score.ts';

const phone_id = '02:00:00:00:00:01';
const record = (ts: number, zone_id: number | null, x = 0, y = 0): Truth => ({
  phone_id,
  ts,
  x,
  y,
  zone_id,
  visitor: 1,
  kind: 'shopper',
});
const guess = (ts: number, zone_id: number, x = 0, y = 0) => ({ phone_id, ts, zone_id, x, y });

describe('scoreAssignments', () => {
  it('counts zones and measures metres', () => {
    const truth = [record(10, 1, 0, 0), record(20, 2, 5, 5)];
    expect(scoreAssignments([guess(11, 1, 3, 4), guess(20, 1, 5, 6)], truth)).toEqual({
      n: 2,
      zoneAccuracy: 0.5,
      meanErrorM: 3,
    });
  });

  it('takes the nearest record in time, whatever the order of the records', () => {
    const truth = [record(14, 3), record(10, 1), record(12, 2)];
    const right = (ts: number, zone: number) => scoreAssignments([guess(ts, zone)], truth);
    for (const [ts, zone] of [
      [9, 1],
      [10.9, 1],
      [11.1, 2],
      [13.1, 3],
      [18, 3],
    ] as const)
      expect(right(ts, zone)).toMatchObject({ n: 1, zoneAccuracy: 1 });
  });

  it('judges within 5 s and not beyond', () => {
    expect(scoreAssignments([guess(15, 1)], [record(10, 1)]).n).toBe(1);
    expect(scoreAssignments([guess(15.1, 1)], [record(10, 1)]).n).toBe(0);
    expect(scoreAssignments([guess(4.9, 1)], [record(10, 1)]).n).toBe(0);
  });

  it('does not judge phones on the street, nor unknown ones', () => {
    const stranger = { ...guess(10, 1), phone_id: '02:00:00:00:00:02' };
    expect(scoreAssignments([guess(10, 1), stranger], [record(10, null)]).n).toBe(0);
  });

  it('has no figures for nothing', () => {
    expect(scoreAssignments([], [])).toEqual({ n: 0, zoneAccuracy: null, meanErrorM: null });
  });
});
