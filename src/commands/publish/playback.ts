/** The aligned windows of the pipeline, s: a shift by whole windows keeps every reading in its own. */
export const WINDOW_SECONDS = 5;

/** Moves the times of a recording to now. All times in Unix seconds. */
export interface Playback {
  readonly firstTs: number;
  /** A multiple of {@link WINDOW_SECONDS}. */
  readonly shiftSeconds: number;
  /** 2 plays twice as fast, with the distances between readings halved. */
  readonly speed: number;
}

/**
 * The smallest shift by whole windows that brings a recording's first reading to `now` or later,
 * so that the wait for it is under one window.
 *
 * @example playbackFrom(1002, 2000.5, 1).shiftSeconds === 1000 // the first reading is due at 2002
 */
export const playbackFrom = (firstTs: number, now: number, speed: number): Playback => ({
  firstTs,
  shiftSeconds: Math.ceil((now - firstTs) / WINDOW_SECONDS) * WINDOW_SECONDS,
  speed,
});

/** Doubles hold a Unix time to a quarter of a microsecond; what lies below is rounding. */
const toMicroseconds = (seconds: number): number => Math.round(seconds * 1e6) / 1e6;

/** When a reading of the recording is due now, and the `ts` that it then carries. */
export const playedAt = (playback: Playback, ts: number): number =>
  toMicroseconds(
    playback.firstTs + playback.shiftSeconds + (ts - playback.firstTs) / playback.speed,
  );

/** How long to wait for a reading that is due at `dueTs`, ms; 0 for one that is late. */
export const waitMs = (dueTs: number, now: number): number => Math.max(0, (dueTs - now) * 1000);
