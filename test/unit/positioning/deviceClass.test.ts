import fc from 'fast-check';
import type { Presence } from '../../../src/model/checkpoint.ts';
import {
  deviceClass,
  isForgettable,
  isVisitor,
  observePresence,
  PRESENCE_POLICY,
} from '../../../src/positioning/deviceClass.ts';

const FIXED = 'a8:76:50:e9:28:20';
const RANDOM = 'a6:a4:f6:4f:62:44';
const HOUR = 3_600;

const presenceAfter = (...times: ReadonlyArray<number>): Presence =>
  times.reduce<Presence | undefined>(
    (before, ts) => observePresence(PRESENCE_POLICY, before, ts),
    undefined,
  ) as Presence;
const classAfter = (phone: string, ...times: ReadonlyArray<number>) =>
  deviceClass(PRESENCE_POLICY, phone, presenceAfter(...times));
/** Heard every ten minutes. */
const from = (start: number, hours: number) =>
  Array.from({ length: hours * 6 + 1 }, (_, k) => start + k * 600);

describe('deviceClass', () => {
  it.each([
    ['heard once', [1_000], 'burst'],
    ['one burst over two windows', [1_000, 1_001.2, 1_004.9], 'burst'],
    ['ten seconds', [1_000, 1_010], 'burst'],
    ['heard again', [1_000, 1_010.1], 'visitor'],
    ['two bursts far apart', [1_000, 1_001, 9_000, 9_001], 'burst'],
    ['an hour', from(1_000, 1), 'visitor'],
    ['two hours', from(1_000, 2), 'resident'],
    ['two hours with a break of forty minutes', [...from(0, 1), ...from(6_000, 1)], 'visitor'],
    ['the morning after', [...from(0, 8), 24 * HOUR], 'resident'],
    ['back after the holidays', [...from(0, 8), 9 * 24 * HOUR], 'burst'],
    ['a week later to the second', [...from(0, 8), 8 * HOUR + 7 * 24 * HOUR], 'resident'],
    ['a week and a second later', [...from(0, 8), 8 * HOUR + 7 * 24 * HOUR + 1], 'burst'],
    ['a straggler from before its stay', [9_000, 100, 9_001], 'burst'],
    ['a straggler from as long before as a stay may be silent', [9_000, 7_200], 'visitor'],
    ['stragglers', [1_000, 995, 1_001], 'burst'],
    ['a straggler from well before', [1_000, 900], 'visitor'],
  ])('%s', (_what, times, behaviour) => {
    expect(classAfter(FIXED, ...times)).toBe(`fixed_${behaviour}`);
    expect(classAfter(RANDOM, ...times)).toBe(`randomised_${behaviour}`);
  });

  it('makes visitors of neither bursts nor residents', () => {
    expect(isVisitor('fixed_visitor')).toBe(true);
    expect(isVisitor('randomised_visitor')).toBe(true);
    expect(isVisitor('randomised_burst')).toBe(false);
    expect(isVisitor('fixed_resident')).toBe(false);
  });

  it('can forget a stay and a resident a moment after they are over, and not when they end', () => {
    const [stay, resident] = [presenceAfter(1_000), presenceAfter(...from(0, 8))];
    const week = 7 * 24 * HOUR;
    const at = [
      [stay, 1_000 + 1_800],
      [stay, 1_000 + 1_801],
      [resident, 8 * HOUR + week],
      [resident, 8 * HOUR + week + 1],
    ] as const;
    expect(at.map(([presence, ts]) => isForgettable(PRESENCE_POLICY, presence, ts))).toEqual([
      false,
      true,
      false,
      true,
    ]);
  });

  it('keeps what can be written down and read back', () => {
    const presence = presenceAfter(...from(0, 3));
    expect(JSON.parse(JSON.stringify(presence))).toEqual(presence);
  });

  it('forgets what it would take for new anyway, and nothing else', () => {
    const times = fc.array(fc.double({ min: 0, max: 12 * 24 * HOUR, noNaN: true }), {
      minLength: 1,
      maxLength: 30,
    });
    fc.assert(
      fc.property(times, fc.double({ min: 0, max: 9 * 24 * HOUR, noNaN: true }), (some, later) => {
        const known = presenceAfter(...some.sort((a, b) => a - b));
        const ts = known.lastTs + later;
        if (isForgettable(PRESENCE_POLICY, known, ts))
          expect(observePresence(PRESENCE_POLICY, known, ts)).toEqual(presenceAfter(ts));
      }),
    );
  });
});
