/** How a sensor's clock is judged; all in seconds. */
export interface ClockJudgement {
  /** What lies within is a clock that is kept, and waiting for the network. */
  readonly deadBand: number;
  /** A corrected clock counts as kept again within this. */
  readonly rightAgain: number;
  /** More than what batches and the network delay: a clock that was set, or a message that waited. */
  readonly jump: number;
  /** A sensor's messages come in order: a `ts` so far before the last one's is a clock set back. */
  readonly setBack: number;
  /** For so long nothing may come in time before what is late is a clock that is behind. */
  readonly patience: number;
  /** How long the least delay is remembered, and of how many readings at least. */
  readonly memory: number;
  readonly memoryReadings: number;
  /** An estimate is good after so long, and so many readings. */
  readonly settling: number;
  readonly settlingReadings: number;
}

/** docs/positioning.md says what these were chosen by. */
export const CLOCK: ClockJudgement = {
  deadBand: 0.5,
  rightAgain: 0.25,
  jump: 1.5,
  setBack: 1,
  patience: 2,
  memory: 30,
  memoryReadings: 16,
  settling: 5,
  settlingReadings: 16,
};

/** Late readings in a row that make a clock. */
const LATE_READINGS = 3;

/**
 * What is believed of one sensor's clock. Stateful, O(1) in time and memory; times in Unix seconds,
 * `at` by this machine's clock.
 */
export interface SensorClock {
  /**
   * Learns from a reading that came as soon as it was heard. What is told by `at - ts` is the
   * distance of the clocks and a delay, which is never negative, so that the least of them counts.
   */
  readonly hear: (ts: number, at: number) => void;
  /** To be added to what the sensor's clock says; 0 for a clock that is kept. */
  readonly offset: () => number;
  /** Since when the clock was not seen to jump; −∞ if it is known from before. */
  readonly steadySince: () => number;
}

/**
 * @param inherited the offset that was known before, 0 for a clock that was kept; absent: the first
 * reading tells
 */
export const sensorClock = (inherited?: number, rules: ClockJudgement = CLOCK): SensorClock => {
  /** The least distance between receipt and `ts`, in the span before this one and in this one. */
  let [before, least] = [inherited ?? Number.NaN, inherited ?? Number.NaN];
  let [spanFrom, spanReadings] = [Number.NEGATIVE_INFINITY, 0];
  let [steadyFrom, steadyReadings] = [Number.NEGATIVE_INFINITY, 0];
  let [lastTs, lastAt] = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
  let [lateFrom, lateReadings, leastLate] = [0, 0, 0];
  let isKept = Math.abs(inherited ?? 0) < rules.rightAgain;

  const distance = (): number => Math.min(before, least);
  const restart = (from: number, at: number): void => {
    [before, least] = [from, from];
    [spanFrom, spanReadings] = [at, 0];
    [steadyFrom, steadyReadings] = [at, 0];
    lateReadings = 0;
  };
  /** Nothing comes before it was heard; and a silence as long may be a message that waited. */
  const wasSet = (ts: number, at: number): boolean =>
    Number.isNaN(before) ||
    at - ts < distance() - rules.jump ||
    (at !== lastAt && lastTs - ts > rules.setBack && at - lastAt < lastTs - ts);
  const hearLate = (late: number, at: number): void => {
    // This machine's clock may have been set back.
    if (lateReadings === 0 || at < lateFrom) [lateFrom, leastLate] = [at, late];
    lateReadings += 1;
    leastLate = Math.min(leastLate, late);
    if (at - lateFrom >= rules.patience && lateReadings >= LATE_READINGS) restart(leastLate, at);
  };
  const hearInTime = (delay: number, at: number): void => {
    lateReadings = 0;
    spanReadings += 1;
    steadyReadings += 1;
    if (at - spanFrom >= rules.memory && spanReadings > rules.memoryReadings) {
      [before, least] = [least, delay];
      [spanFrom, spanReadings] = [at, 1];
    } else if (delay < least) least = delay;
  };
  /** Before much is known, what seems behind may be late, but what is ahead is ahead. */
  const judge = (at: number): void => {
    const isSettled = at - steadyFrom >= rules.settling && steadyReadings >= rules.settlingReadings;
    const offset = distance();
    isKept = isKept
      ? offset >= -rules.deadBand && offset <= (isSettled ? rules.deadBand : rules.jump)
      : Math.abs(offset) < rules.rightAgain;
  };
  return {
    hear: (ts, at) => {
      const delay = at - ts;
      if (wasSet(ts, at)) restart(delay, at);
      else if (delay - distance() > rules.jump) hearLate(delay, at);
      else hearInTime(delay, at);
      lastTs = ts;
      lastAt = at;
      judge(at);
    },
    offset: () => (isKept ? 0 : distance()),
    steadySince: () => steadyFrom,
  };
};
