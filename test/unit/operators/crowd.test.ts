import { classDevices } from '../../../src/operators/classifyDevices.ts';
import { classify, NO_BELIEFS } from '../../../src/operators/classifyZones.ts';
import { collect } from '../../../src/operators/collectWindows.ts';
import { type CrowdPolicy, forgetPassing, surplus } from '../../../src/operators/crowd.ts';
import { follow, NO_TRACKS } from '../../../src/operators/trackMovement.ts';
import { PRESENCE_POLICY } from '../../../src/positioning/deviceClass.ts';
import { counting } from '../../support/classifiers.ts';
import { assignment, PHONE, reading, vector } from '../../support/readings.ts';

const RANDOM = 'a6:a4:f6:4f:62:44';
const far = Number.POSITIVE_INFINITY;
const crowd: CrowdPolicy = { roomy: 3, gapSeconds: 60, most: 10 };
const passing = (n: number) => `da:a4:f6:4f:62:${10 + n}`;
const octet = (n: number) => (n & 255).toString(16).padStart(2, '0');
const numbers = (count: number) => Array.from({ length: count }, (_, n) => n);

const classed = (
  times: ReadonlyArray<readonly [string, number]>,
  presences: ReturnType<typeof classDevices>['presences'] = new Map(),
) =>
  classDevices(
    PRESENCE_POLICY,
    { presences, still: new Map() },
    times.map(([phone_id, ts]) => assignment(ts, 1, { phone_id })),
    far,
    { crowd },
  );

describe('presences in a crowd', () => {
  const crowded = classed([
    [PHONE, 1],
    [RANDOM, 1],
    ...numbers(4).map((n) => [passing(n), 100] as const),
  ]);

  it('of bursts of passing addresses are forgotten when they were silent for the gap, of fixed ones never', () => {
    expect([...crowded.presences.keys()]).toEqual([PHONE, ...numbers(4).map(passing)]);
    expect(crowded.forgotten).toBe(0);
  });

  it('stay where there is room, however long they are silent within a stay', () => {
    const few = classed([
      [PHONE, 1],
      [RANDOM, 1],
      [passing(0), 100],
    ]);
    expect(few.presences.size).toBe(3);
  });

  it('of a randomised address that is heard again within the gap are those of a visitor, and stay', () => {
    const first = classed([[RANDOM, 1], ...numbers(4).map((n) => [passing(n), 1] as const)]);
    const again = classed([[RANDOM, 60]], first.presences);
    expect(again.assignments.map(({ device_class }) => device_class)).toEqual([
      'randomised_visitor',
    ]);
    const later = classed(
      numbers(4).map((n) => [passing(n + 10), 600]),
      again.presences,
    );
    expect(later.presences.has(RANDOM)).toBe(true);
    expect(later.presences.has(passing(0))).toBe(false);
  });

  it('are never more than the most: bursts go first, those heard longest ago first', () => {
    const full = classed([
      [PHONE, 1],
      ...numbers(11).map((n) => [passing(n), 10 + n] as const),
      [passing(0), 50],
    ]);
    expect(full.presences.size).toBe(9);
    expect(full.forgotten).toBe(3);
    // The first one was heard for 40 s by then: a visitor.
    expect([...full.presences.keys()]).toEqual([
      PHONE,
      passing(0),
      ...numbers(7).map((n) => passing(n + 4)),
    ]);
  });
});

it('with the shipped policy a phone that is heard every two minutes becomes a visitor in any crowd', () => {
  const strangers = (minute: number) =>
    numbers(12_000).map((n) =>
      assignment(minute * 60, 1, {
        phone_id: `da:00:00:1${minute}:${octet(n >> 8)}:${octet(n)}`,
      }),
    );
  const heard = (minute: number, presences: ReturnType<typeof classDevices>['presences']) =>
    classDevices(
      PRESENCE_POLICY,
      { presences, still: new Map() },
      [...strangers(minute), assignment(minute * 60, 1, { phone_id: RANDOM })],
      far,
    );
  const first = heard(0, new Map());
  const between = classDevices(PRESENCE_POLICY, first, strangers(1), far);
  const second = heard(2, between.presences);
  expect(second.assignments.at(-1)?.device_class).toBe('randomised_visitor');
  // And those of the first minute are gone by the fourth.
  const fourth = heard(4, second.presences);
  expect(fourth.presences.size).toBe(36_001);
});

describe('beliefs in a crowd', () => {
  const phones = (ts: number, from: number, count: number) =>
    numbers(count).map((n) => vector(ts, { phone_id: passing(from + n) }));
  const of = (before: Parameters<typeof classify>[1], vectors: Parameters<typeof classify>[2]) =>
    classify(counting(), before, vectors, far, [], { roomy: 3, gapSeconds: 15, most: 10 });

  it('of phones that were placed once are forgotten after the gap, of others not', () => {
    const first = of(NO_BELIEFS, [...phones(1, 0, 1), ...phones(6, 0, 1), ...phones(6, 1, 3)]);
    expect(first.beliefs.phones.size).toBe(4);
    const later = of(first.beliefs, phones(22, 10, 2));
    expect([...later.beliefs.phones.keys()]).toEqual([passing(0), passing(10), passing(11)]);
    expect(later.unbelieved).toBe(0);
  });

  it('are never more than the most', () => {
    const full = of(NO_BELIEFS, phones(1, 0, 14));
    expect([full.beliefs.phones.size, full.unbelieved]).toEqual([9, 5]);
  });
});

describe('tracks in a crowd', () => {
  const movement = {
    confirmAssignments: 2,
    dwellGapSeconds: 300,
    visitGapSeconds: 900,
    quietMs: 1e9,
  };
  const seen = (phone_id: string, ts: number, device_class: 'randomised_burst' | 'fixed_visitor') =>
    assignment(ts, 1, { phone_id, device_class });
  const followed = (
    assignments: Parameters<typeof follow>[2],
    before: Parameters<typeof follow>[1] = NO_TRACKS,
  ) => follow(movement, before, assignments, 1e9, 1e9, crowd);

  it('of bursts end after the gap, and nothing is told of them', () => {
    const first = followed([
      seen(PHONE, 1, 'fixed_visitor'),
      ...numbers(4).map((n) => seen(passing(n), 1, 'randomised_burst')),
    ]);
    const later = followed([seen(passing(9), 62, 'randomised_burst')], first.tracks);
    expect([...later.tracks.phones.keys()]).toEqual([PHONE, passing(9)]);
    expect(later.events.map(({ _tag }) => _tag)).toEqual(['Assignment', 'Transition']);
  });

  it('are never more than the most, and a visit that has to end for it is told', () => {
    const full = followed(numbers(11).map((n) => seen(passing(n), 1 + n, 'fixed_visitor')));
    expect([full.tracks.phones.size, full.unfollowed]).toEqual([9, 2]);
    const visits = full.events.filter(({ _tag }) => _tag === 'Visit');
    expect(visits.map(({ value }) => value.phone_id)).toEqual([passing(0), passing(1)]);
  });
});

it('of too many open windows the earliest close, and what still comes of one is a vector of its own', () => {
  const policy = { spanMs: 5_000, graceMs: 1_000 };
  const readings = [101, 106, 111, 116].map((ts) => reading(ts));
  const full = collect(policy, new Map(), { readings, nowMs: 0 }, 3);
  expect(full.vectors.map(({ window_start }) => window_start)).toEqual([100]);
  expect([full.windows.size, full.closedEarly]).toEqual([3, 1]);
  const later = collect(policy, full.windows, { readings: [reading(102)], nowMs: 107_000 }, 3);
  expect(later.vectors.map(({ window_start, ts }) => [window_start, ts])).toEqual([[100, 102]]);
});

describe('room', () => {
  const kind = { isPassing: () => true, heardTs: (ts: number) => ts };
  const all = (count: number) => new Map(numbers(count).map((n) => [`id:${n}`, n]));

  it('is for exactly as many as there may be', () => {
    expect(surplus(all(10), crowd, kind)).toEqual([]);
    expect(surplus(all(11), crowd, kind)).toEqual([
      ['id:0', 0],
      ['id:1', 1],
    ]);
  });

  it('for who is passing ends a moment after the gap, and only where it is needed', () => {
    const left = (count: number, nowTs: number) => {
      const ids = all(count);
      forgetPassing(ids, crowd, kind, nowTs);
      return ids.size;
    };
    expect(left(3, 1e9)).toBe(3);
    expect(left(4, 60)).toBe(4);
    expect(left(4, 60.5)).toBe(3);
  });
});

it('in a crowd a phone that comes back after its belief has expired is a passing one again', () => {
  const of = (before: Parameters<typeof classify>[1], ...vectors: Parameters<typeof classify>[2]) =>
    classify(counting(), before, vectors, far, [], { roomy: 0, gapSeconds: 70, most: 10 });
  // Its belief lasts for a minute, and is forgotten behind the flush.
  const again = of(NO_BELIEFS, vector(1), vector(62));
  expect(again.beliefs.phones.size).toBe(1);
  const later = of(again.beliefs, vector(133, { phone_id: passing(1) }));
  expect([...later.beliefs.phones.keys()]).toEqual([passing(1)]);
});
