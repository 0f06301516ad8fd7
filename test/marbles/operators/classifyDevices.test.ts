import { from, lastValueFrom, toArray } from 'rxjs';
import { classDevices, classifyDevices } from '../../../src/operators/classifyDevices.ts';
import { PRESENCE_POLICY } from '../../../src/positioning/deviceClass.ts';
import { placedAt } from '../../support/flushes.ts';
import { assignment, OTHER_PHONE, PHONE } from '../../support/readings.ts';

const classes = (of: ReadonlyArray<{ device_class?: string }>) => of.map((one) => one.device_class);
const far = Number.POSITIVE_INFINITY;

describe('classDevices', () => {
  it('classes each assignment by what its phone had done by then', () => {
    const { assignments, presences } = classDevices(
      PRESENCE_POLICY,
      new Map(),
      [assignment(1), assignment(2, 1, { phone_id: OTHER_PHONE }), assignment(16)],
      far,
    );
    expect(classes(assignments)).toEqual(['fixed_burst', 'randomised_burst', 'fixed_visitor']);
    expect([...presences.keys()]).toEqual([PHONE, OTHER_PHONE]);
  });

  it('forgets an id when its stay is over, by the time that the phones tell', () => {
    const before = classDevices(PRESENCE_POLICY, new Map(), [assignment(1)], far).presences;
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
