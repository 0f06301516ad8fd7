import fc from 'fast-check';
import { type SensorClock, sensorClock } from '../../../src/positioning/sensorClock.ts';

const START = 1_740_000_000;

/** Hears a reading every `everyS` for `seconds`; returns when the last one came. */
const live = (
  clock: SensorClock,
  from: number,
  seconds: number,
  { behind = 0, everyS = 0.2, delay = 0.02 } = {},
): number => {
  for (let at = from; at <= from + seconds; at += everyS) clock.hear(at - delay - behind, at);
  return from + seconds;
};

const jitter = fc.array(fc.double({ min: 0.001, max: 0.3, noNaN: true }), {
  minLength: 20,
  maxLength: 200,
});

describe('sensorClock', () => {
  it('leaves a clock that is kept alone, whatever the network delays', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -0.45, max: 0.45, noNaN: true }),
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 20, maxLength: 200 }),
        (behind, delays) => {
          const clock = sensorClock();
          // Without a prompt one now and then no least delay says anything.
          delays.forEach((delay, index) => {
            const waited = index % 5 === 0 ? 0 : delay;
            clock.hear(START + index - waited - behind, START + index);
            expect(clock.offset()).toBe(0);
          });
        },
      ),
    );
  });

  it('knows an offset by the first reading, and is then off by no more than the least delay', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -1e6, max: 1e6, noNaN: true }).filter((s) => Math.abs(s) > 2),
        jitter,
        (behind, delays) => {
          const clock = sensorClock();
          let least = Number.POSITIVE_INFINITY;
          delays.forEach((delay, index) => {
            least = Math.min(least, delay);
            clock.hear(START + index - delay - behind, START + index);
            expect(Math.abs(clock.offset() - behind - least)).toBeLessThan(1e-3);
          });
        },
      ),
    );
  });

  it('goes by the newest reading of a message, in whatever order they stand in it', () => {
    const clock = sensorClock();
    const offsets: number[] = [];
    for (let message = 1; message <= 6; message += 1) {
      const at = START + 5 * message;
      for (const _phone of ['a', 'b', 'c'])
        for (let second = 0; second < 5; second += 1) {
          clock.hear(at - 4.9 + second, at);
          offsets.push(clock.offset());
        }
    }
    // Nine tenths of a second is the least delay of all.
    for (const offset of offsets.slice(5)) expect(offset).toBeCloseTo(0.9, 3);
  });

  it('never puts a live reading behind its receipt', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.tuple(
            fc.double({ min: 0, max: 20, noNaN: true }),
            fc.double({ min: -1e5, max: 1e5, noNaN: true }),
          ),
          { minLength: 1, maxLength: 100 },
        ),
        (steps) => {
          const clock = sensorClock();
          let at = START;
          for (const [pause, behind] of steps) {
            at += pause;
            clock.hear(at - behind, at);
            const offset = clock.offset();
            if (offset !== 0) expect(at - behind + offset).toBeLessThanOrEqual(at + 1e-6);
          }
        },
      ),
    );
  });

  it('follows a clock that is set forward or back with the next reading', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -60, max: 60, noNaN: true }).filter((s) => Math.abs(s) > 2),
        fc.double({ min: -60, max: 60, noNaN: true }),
        (step, behind) => {
          const before = Math.abs(behind) < 2 ? 0 : behind;
          const clock = sensorClock();
          const at = live(clock, START, 10, { behind: before });
          clock.hear(at + 0.2 - before - step, at + 0.2);
          const now = before + step;
          // What is nearly right counts as right.
          if (Math.abs(now) > 1.6) expect(Math.abs(clock.offset() - now)).toBeLessThan(0.1);
          else expect(Math.abs(clock.offset() - now)).toBeLessThan(1.7);
        },
      ),
    );
  });

  it('takes a burst after a stall for late messages, not for another clock', () => {
    const clock = sensorClock();
    const at = live(clock, START, 10, { behind: 8 });
    for (let ts = at + 0.2; ts < at + 5; ts += 0.2) clock.hear(ts - 8, at + 5);
    expect(clock.offset()).toBeCloseTo(8.02, 3);
  });

  it('takes what stays late for two seconds for a clock that was set back in silence', () => {
    const clock = sensorClock();
    const at = live(clock, START, 10);
    clock.hear(at + 40 - 30, at + 40);
    expect(clock.offset()).toBe(0);
    live(clock, at + 40, 2.5, { behind: 30 });
    expect(clock.offset()).toBeCloseTo(30, 1);
  });

  it('does not let one wild time spoil what comes after it', () => {
    const clock = sensorClock();
    const at = live(clock, START, 10, { behind: 8 });
    clock.hear(at + 86_400, at + 0.2);
    clock.hear(at + 0.4 - 0.03 - 8, at + 0.4);
    expect(clock.offset()).toBeCloseTo(8.03, 3);
    clock.hear(at - 86_400, at + 0.6);
    clock.hear(at + 0.8 - 0.02 - 8, at + 0.8);
    expect(clock.offset()).toBeCloseTo(8.02, 3);
  });

  it('follows a slow drift', () => {
    const clock = sensorClock();
    let behind = 5;
    for (let at = START; at < START + 7_200; at += 0.5) {
      behind += 0.5 * 50e-6;
      clock.hear(at - 0.02 - behind, at);
      expect(Math.abs(clock.offset() - behind)).toBeLessThan(0.05);
    }
  });

  it('survives this machine’s clock being set back and forth', () => {
    const clock = sensorClock();
    const at = live(clock, START, 10, { behind: 8 });
    // An hour back: all sensors are ahead by so much more.
    const earlier = live(clock, at - 3_600, 40, { behind: 8 - 3_600 });
    expect(clock.offset()).toBeCloseTo(8 - 3_600 + 0.02, 2);
    live(clock, earlier + 3_600, 10, { behind: 8 });
    expect(clock.offset()).toBeCloseTo(8.02, 2);
  });

  it('begins with what was known before, and says so', () => {
    const known = sensorClock(-8.7);
    expect(known.offset()).toBe(-8.7);
    expect(known.steadySince()).toBe(Number.NEGATIVE_INFINITY);
    expect(sensorClock(0).offset()).toBe(0);
    live(known, START, 3, { behind: -8.71 });
    expect(known.offset()).toBeCloseTo(-8.7, 1);
  });
});
