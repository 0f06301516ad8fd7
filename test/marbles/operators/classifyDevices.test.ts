import { from, lastValueFrom, toArray } from 'rxjs';
import { classDevices, classifyDevices } from '../../../src/operators/classifyDevices.ts';
import { PRESENCE_POLICY } from '../../../src/positioning/deviceClass.ts';
import { placedAt } from '../../support/flushes.ts';
import { assignment, OTHER_PHONE, PHONE } from '../../support/readings.ts';

const classes = (of: ReadonlyArray<{ device_class?: string }>) => of.map((one) => one.device_class);
const NOBODY = { presences: new Map(), still: new Map() };
const far = Number.POSITIVE_INFINITY;

describe('classDevices', () => {
  it('classes each assignment by what its phone had done by then', () => {
    const { assignments, presences } = classDevices(
      PRESENCE_POLICY,
      NOBODY,
      [assignment(1), assignment(2, 1, { phone_id: OTHER_PHONE }), assignment(16)],
      far,
    );
    expect(classes(assignments)).toEqual(['fixed_burst', 'randomised_burst', 'fixed_visitor']);
    expect([...presences.keys()]).toEqual([PHONE, OTHER_PHONE]);
  });

  it('forgets an id when its stay is over, by the time that the phones tell', () => {
    const before = classDevices(PRESENCE_POLICY, NOBODY, [assignment(1)], far);
    const other = (ts: number) => [assignment(ts, 1, { phone_id: OTHER_PHONE })];
    const held = (ts: number, nowTs: number) =>
      classDevices(PRESENCE_POLICY, before, other(ts), nowTs).presences.has(PHONE);
    expect(held(1_801, far)).toBe(true);
    expect(held(1_802, far)).toBe(false);
    // A phone whose clock is ahead makes nobody else old.
    expect(held(1_802, 1_000)).toBe(true);
    expect(classDevices(PRESENCE_POLICY, before, [], far).presences.has(PHONE)).toBe(true);
  });
});

describe('a clock that was ahead and is right again', () => {
  const AHEAD = 32 * 86_400;
  const at = (ts: number) => [assignment(ts)];

  it('holds nobody in what it told: a phone is there again, and its class begins anew', () => {
    const before = classDevices(PRESENCE_POLICY, NOBODY, at(100 + AHEAD), 101 + AHEAD);
    const after = classDevices(PRESENCE_POLICY, before, at(105), 106);
    expect(after.presences.get(PHONE)).toMatchObject({ firstTs: 105, lastTs: 105 });
  });

  it('leaves a resident one', () => {
    const resident = { firstTs: AHEAD, lastTs: AHEAD + 100, isResident: true };
    const before = { ...NOBODY, presences: new Map([[PHONE, resident]]) };
    const { presences } = classDevices(PRESENCE_POLICY, before, [], 106);
    expect(presences.get(PHONE)).toEqual({ firstTs: 106, lastTs: 106, isResident: true });
  });
});

describe('infrastructure', () => {
  const vector = { pi1: -60, pi2: -70, pi3: -65 };
  const hears = (seconds: number, phone_id = PHONE) =>
    Array.from({ length: seconds / 5 + 1 }, (_, n) => assignment(n * 5, 1, { phone_id, vector }));
  const classed = (
    of: ReturnType<typeof hears>,
    listed: ReadonlyMap<string, boolean> = new Map(),
  ) =>
    classDevices(PRESENCE_POLICY, NOBODY, of, far, {
      listed,
      sensors: new Map([...Object.keys(vector), 'pi4'].map((id) => [id, 600])),
    });
  const SHORT_HASH = 'hashed:unknown:0c1d2e3f4a5b6c7d';

  it('is no shopper who stood still when the process ended, and whose walk nobody remembers', () => {
    const { presences } = classed(hears(120));
    const restarted = { presences, still: new Map() };
    const sensors = new Map(Object.keys(vector).map((id) => [id, 600]));
    const later = hears(400).map((one) => ({ ...one, ts: one.ts + 125 }));
    const on = (known: typeof restarted) =>
      classDevices(PRESENCE_POLICY, known, later, far, { sensors });
    expect(on(restarted).found).toEqual([]);
    expect(on(NOBODY).found).toHaveLength(1);
  });

  it('is a resident as soon as it is found, and is told once', () => {
    const { assignments, found, still, presences } = classed(hears(300));
    expect(classes(assignments).indexOf('fixed_resident')).toBe((15 + 180) / 5);
    expect(found).toEqual([{ phone_id: PHONE, since_ts: 15, ts: 195 }]);
    expect([...still]).toEqual([]);
    expect(presences.get(PHONE)?.isResident).toBe(true);
  });

  it('is found under an id of unknown kind, never under a randomised one', () => {
    expect(classed(hears(300, SHORT_HASH)).found).toHaveLength(1);
    expect(classed(hears(300, OTHER_PHONE)).found).toEqual([]);
  });

  it('is what the user says, from the first window on', () => {
    const [is, isNot] = [true, false].map((said) => new Map([[PHONE, said]]));
    expect(new Set(classes(classed(hears(300), is).assignments))).toEqual(
      new Set(['fixed_resident']),
    );
    const { assignments, found } = classed(hears(7_300), isNot);
    expect(new Set(classes(assignments))).toEqual(new Set(['fixed_burst', 'fixed_visitor']));
    expect(found).toEqual([]);
  });

  it('that has moved once takes as long as then, also when it was judged to be elsewhere since', () => {
    const [here, there] = [vector, { pi1: -80, pi2: -50, pi3: -85 }];
    const windows = (from: number, to: number) =>
      Array.from({ length: to - from }, (_, n) =>
        assignment((from + n) * 5, 1, { vector: from + n < 20 ? here : there }),
      );
    const alive = (...ids: ReadonlyArray<string>) => new Map(ids.map((id) => [id, 1e6]));
    const more = alive('pi1', 'pi2', 'pi3', 'pi4', 'pi5', 'pi6', 'pi7');
    // Half an hour in which fewer than half of the sensors hear it, and then five minutes with all.
    const before = classDevices(PRESENCE_POLICY, NOBODY, windows(0, 390), far, { sensors: more });
    const { found } = classDevices(PRESENCE_POLICY, before, windows(390, 450), far, {
      sensors: alive('pi1', 'pi2', 'pi3'),
    });
    expect([...before.still.values()]).toMatchObject([{ sinceTs: 1_905, hasMoved: true }]);
    expect(found).toEqual([]);
  });

  it('forgets how an id stood still together with the id', () => {
    const before = classed(hears(60));
    expect(before.still.size).toBe(1);
    const later = [assignment(10_000, 1, { phone_id: OTHER_PHONE })];
    expect([...classDevices(PRESENCE_POLICY, before, later, far).still.keys()]).toEqual([]);
  });

  it('does not remember how bursts stood still', () => {
    expect(classed(hears(10)).still.size).toBe(0);
    expect(classed(hears(20)).still.size).toBe(1);
  });
});

it('goes on where the process before it ended', async () => {
  const flushes = [placedAt([assignment(1)], 5_000), placedAt([assignment(16)], 20_000)];
  const through = (parts: typeof flushes, before = new Map()) =>
    lastValueFrom(from(parts).pipe(classifyDevices(before), toArray()));
  const whole = await through(flushes);
  const [first] = await through(flushes.slice(0, 1));
  const second = await through(flushes.slice(1), new Map(first?.presences));
  expect(second).toEqual(whole.slice(1));
  expect(classes(second[0]?.assignments ?? [])).toEqual(['fixed_visitor']);
});
