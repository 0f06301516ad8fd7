/** `steps` to play now, their times to be moved by `shiftMs`. */
export interface Due {
  readonly steps: number;
  readonly shiftMs: number;
}

/** The wall clock tells (Unix ms) and the pacer answers what is due. */
export type Pacer = (nowMs: number) => Due;

/**
 * Steps of `stepMs` in pace with the clock, the first due at `startMs + stepMs`. Small lags are
 * made up for; if the machine slept or the clock was set by more than `maxLagMs`, the time in
 * between is left out: one step is due, and it ends at `nowMs`.
 *
 * @example pacer(0, 250, 2000)(500) // { steps: 2, shiftMs: 0 }
 */
export const pacer = (startMs: number, stepMs: number, maxLagMs: number): Pacer => {
  let playedUntilMs = startMs;
  let shiftMs = 0;
  return (nowMs) => {
    const lagMs = nowMs - playedUntilMs;
    if (Math.abs(lagMs) > maxLagMs) {
      shiftMs += lagMs - stepMs;
      playedUntilMs = nowMs - stepMs;
    }
    const steps = Math.max(0, Math.floor((nowMs - playedUntilMs) / stepMs));
    playedUntilMs += steps * stepMs;
    return { steps, shiftMs };
  };
};
