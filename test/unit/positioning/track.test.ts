import fc from 'fast-check';
import type { Assignment } from '../../../src/model/assignment.ts';
import type { Dwell, Visit } from '../../../src/model/movement.ts';
import type { Movement } from '../../../src/model/shopEvent.ts';
import type { Track } from '../../../src/model/track.ts';
import { endAhead, expire, observe } from '../../../src/positioning/track.ts';
import { assignment } from '../../support/readings.ts';

const policy = { confirmAssignments: 2, dwellGapSeconds: 15, visitGapSeconds: 60, quietMs: 5_000 };

/** Everything that following a phone to the end tells. */
const follow = (seen: ReadonlyArray<Assignment>): ReadonlyArray<Movement> => {
  let track: Track | undefined;
  const movements: Movement[] = [];
  for (const one of seen) {
    const next = observe(policy, track, one);
    track = next.track;
    movements.push(...next.movements);
  }
  return track === undefined
    ? movements
    : [...movements, ...expire(policy, track, Number.POSITIVE_INFINITY).movements];
};
const dwellsOf = (movements: ReadonlyArray<Movement>): ReadonlyArray<Dwell> =>
  movements.flatMap((movement) => (movement._tag === 'Dwell' ? [movement.value] : []));
const visitsOf = (movements: ReadonlyArray<Movement>): ReadonlyArray<Visit> =>
  movements.flatMap((movement) => (movement._tag === 'Visit' ? [movement.value] : []));

const walk = fc
  .array(
    fc.record({ after: fc.integer({ min: 0, max: 80 }), zone: fc.integer({ min: 1, max: 4 }) }),
    {
      minLength: 1,
      maxLength: 60,
    },
  )
  .map((steps) => {
    let ts = 1_740_000_000;
    return steps.map(({ after, zone }) => {
      ts += after;
      return assignment(ts, zone);
    });
  });

describe('observe and expire', () => {
  it('tell stays that do not overlap, in order, and lie within their visits', () => {
    fc.assert(
      fc.property(walk, (seen) => {
        const movements = follow(seen);
        const dwells = dwellsOf(movements);
        const visits = visitsOf(movements);

        dwells.forEach((stay, index) => {
          expect(stay.exit_ts).toBeGreaterThanOrEqual(stay.enter_ts);
          expect(stay.dwell_seconds).toBe(stay.exit_ts - stay.enter_ts);
          expect(stay.enter_ts).toBeGreaterThanOrEqual(dwells[index - 1]?.exit_ts ?? 0);
          expect(
            visits.filter(
              (visit) => visit.enter_ts <= stay.enter_ts && stay.exit_ts <= visit.exit_ts,
            ).length,
          ).toBeGreaterThanOrEqual(1);
        });
      }),
    );
  });

  it('tell visits from the first to the last time heard, parted by more than the gap', () => {
    fc.assert(
      fc.property(walk, (seen) => {
        const visits = visitsOf(follow(seen));

        expect(visits[0]?.enter_ts).toBe(seen[0]?.ts);
        expect(visits.at(-1)?.exit_ts).toBe(seen.at(-1)?.ts);
        visits.slice(1).forEach((visit, index) => {
          expect(visit.enter_ts - (visits[index]?.exit_ts ?? 0)).toBeGreaterThan(60);
        });
        for (const { zones_visited } of visits)
          expect(zones_visited).toEqual([...new Set(zones_visited)]);
      }),
    );
  });

  it('tell a transition for every change of zone, each from where the last one led', () => {
    fc.assert(
      fc.property(walk, (seen) => {
        let zone: number | null = null;
        for (const movement of follow(seen)) {
          if (movement._tag === 'Visit') zone = null;
          if (movement._tag !== 'Transition') continue;
          expect(movement.value.from_zone_id).toBe(zone);
          expect(movement.value.to_zone_id).not.toBe(zone);
          zone = movement.value.to_zone_id;
        }
      }),
    );
  });

  it('count fractions of a second to the millisecond', () => {
    expect(dwellsOf(follow([assignment(0.1), assignment(0.3)]))[0]?.dwell_seconds).toBe(0.2);
  });

  it('change nothing for an assignment that is older than the last', () => {
    const { track } = observe(policy, undefined, assignment(10, 1));

    expect(observe(policy, track, assignment(9, 2))).toEqual({ track, movements: [] });
  });

  it('change nothing for an assignment that is older than the last, however old', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 1_740_000_000 })), (stragglers) => {
        let { track } = observe(policy, undefined, assignment(1_740_000_001, 1));
        const before = track;
        for (const ts of stragglers) ({ track } = observe(policy, track, assignment(ts, 2)));
        expect(track).toEqual(before);
      }),
    );
  });

  it('leave to the clock who was heard too far ahead of it', () => {
    const { track } = observe(policy, undefined, assignment(100, 1));
    if (track === undefined) throw new Error('no track');

    expect(endAhead(policy, track, 40)).toEqual({ track, movements: [] });
    expect(endAhead(policy, track, 39)).toEqual(expire(policy, track, Number.POSITIVE_INFINITY));
    expect(endAhead(policy, track, Number.POSITIVE_INFINITY)).toEqual({ track, movements: [] });
  });

  it.each([
    ['burst', 0],
    ['visitor', 2],
    ['resident', 0],
  ] as const)('tell of %ss as what they are when they end', (behaviour, told) => {
    const seen = [1, 3, 60].map((ts) =>
      assignment(ts, 1, { device_class: ts < 60 ? 'fixed_burst' : `fixed_${behaviour}` }),
    );
    expect(follow(seen).filter(({ _tag }) => _tag !== 'Transition')).toHaveLength(told);
  });

  it('leaves a silent track that has nothing to end as it is, the same object', () => {
    const { track } = observe(policy, undefined, assignment(100));
    const ended = track && expire(policy, track, 110 + policy.dwellGapSeconds).track;
    expect(ended).not.toHaveProperty('candidate');
    expect(ended && expire(policy, ended, 120 + policy.dwellGapSeconds).track).toBe(ended);
  });
});
