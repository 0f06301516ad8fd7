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

describe('the least that it takes', () => {
  /** A clock that is so far behind, known for long; and when it was last heard. */
  const known = (behind: number) => {
    const clock = sensorClock();
    return { clock, at: live(clock, START, 10, { behind, delay: 0 }) };
  };

  it('is one reading for a clock that was set forward by more than a batch waits', () => {
    const { clock, at } = known(8);
    clock.hear(at + 1 - 8 + 1.4, at + 1);
    // Not set: the least of all delays, of which none is negative.
    expect([clock.offset(), clock.steadySince()]).toEqual([expect.closeTo(6.6, 6), START]);
    clock.hear(at + 2 - 6.6 + 1.6, at + 2);
    expect([clock.offset(), clock.steadySince()]).toEqual([expect.closeTo(5, 6), at + 2]);
  });

  it('is a second for one that was set back, by the order of its own messages', () => {
    const { clock, at } = known(8);
    clock.hear(at + 0.2 - 8 - 1.1, at + 0.2);
    expect(clock.offset()).toBeCloseTo(8, 6);
    clock.hear(at + 0.4 - 8, at + 0.4);
    clock.hear(at + 0.6 - 8 - 1.3, at + 0.6);
    expect(clock.offset()).toBeCloseTo(9.3, 6);
  });

  it('is silence that explains it no better: a message may have waited as long', () => {
    const { clock, at } = known(8);
    // Two seconds back on the sensor's clock, in three seconds of ours.
    clock.hear(at - 8 - 2, at + 3);
    expect(clock.offset()).toBeCloseTo(8, 6);
  });

  it('is three late readings and two seconds of them, with none in time in between', () => {
    const late = (clock: SensorClock, ...times: ReadonlyArray<number>) => {
      for (const at of times) clock.hear(at - 8 - 5, at);
      return clock.offset();
    };
    const two = known(8);
    expect(late(two.clock, two.at + 20, two.at + 23)).toBeCloseTo(8, 6);
    expect(late(two.clock, two.at + 24)).toBeCloseTo(13, 6);

    const soon = known(8);
    expect(late(soon.clock, ...[20, 20.5, 21, 21.9].map((s) => soon.at + s))).toBeCloseTo(8, 6);

    const between = known(8);
    late(between.clock, between.at + 20, between.at + 21);
    between.clock.hear(between.at + 21.5 - 8, between.at + 21.5);
    // So long a silence may be a message that waited.
    expect(late(between.clock, between.at + 24.5, between.at + 25)).toBeCloseTo(8, 6);
  });

  it('is, of late readings, the least late one that tells by how much', () => {
    const { clock, at } = known(8);
    for (const [s, late] of [
      [20, 5.4],
      [21, 5],
      [22, 5.3],
    ] as const)
      clock.hear(at + s - 8 - late, at + s);
    expect(clock.offset()).toBeCloseTo(13, 6);
  });

  it('is two seconds by this machine’s clock as it is now, where that was set back amid it', () => {
    const { clock, at } = known(8);
    clock.hear(at + 7, at + 20);
    // Two seconds back: late by as much less.
    for (const s of [7.2, 8, 9.1]) clock.hear(at + s, at + s + 11);
    expect(clock.offset()).toBeCloseTo(8, 6);
    clock.hear(at + 9.3, at + 20.3);
    expect(clock.offset()).toBeCloseTo(11, 6);
  });

  it('is sixteen readings and half a minute before the least delay is forgotten', () => {
    const drifted = (readings: number, everyS: number) => {
      const clock = sensorClock();
      clock.hear(START - 8, START);
      for (let n = 1; n <= readings; n += 1)
        clock.hear(START + n * everyS - 8.4, START + n * everyS);
      return clock.offset();
    };
    // Two spans of memory: the one before and this one.
    expect(drifted(34, 2)).toBeCloseTo(8.4, 6);
    expect(drifted(30, 2)).toBeCloseTo(8, 6);
    // In a few readings nothing is forgotten, however long they take.
    expect(drifted(15, 60)).toBeCloseTo(8, 6);
  });

  it('is five seconds and sixteen readings before half a second of delay is a clock that is behind', () => {
    const offset = (readings: number, everyS: number) => {
      const clock = sensorClock();
      live(clock, START, (readings - 1) * everyS + everyS / 2, { everyS, delay: 0, behind: 0.7 });
      return clock.offset();
    };
    expect(offset(18, 0.5)).toBeCloseTo(0.7, 6);
    expect(offset(18, 0.1)).toBe(0);
    expect(offset(8, 2)).toBe(0);
    const { clock } = known(-0.7);
    // What is ahead is ahead at once: no delay makes a message come before it was sent.
    expect(clock.offset()).toBeCloseTo(-0.7, 6);
  });

  it('is a quarter of a second for a corrected clock to count as kept again', () => {
    const offset = (behind: number) => {
      const clock = sensorClock(8);
      for (let n = 0; n < 20; n += 1) clock.hear(START + n - behind, START + n);
      return clock.offset();
    };
    expect(offset(0.2)).toBe(0);
    expect(offset(0.4)).toBeCloseTo(0.4, 6);
  });
});
