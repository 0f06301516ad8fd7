import fc from 'fast-check';
import {
  playbackFrom,
  playedAt,
  WINDOW_SECONDS,
  waitMs,
} from '../../../src/commands/publish/playback.ts';
import { windowStart } from '../../../src/model/time.ts';

const instant = fc.integer({ min: 1_500_000_000_000_000, max: 1_800_000_000_000_000 });
const seconds = instant.map((microseconds) => microseconds / 1e6);

test('the shift is whole windows and brings the first reading to now or less than one window later', () => {
  fc.assert(
    fc.property(seconds, seconds, (firstTs, now) => {
      const playback = playbackFrom(firstTs, now, 1);
      const due = playedAt(playback, firstTs);
      expect(Math.abs(playback.shiftSeconds % WINDOW_SECONDS)).toBe(0);
      expect(due - now).toBeGreaterThan(-1e-5);
      expect(due - now).toBeLessThan(WINDOW_SECONDS + 1e-5);
    }),
  );
});

test('at speed 1 every reading stays in its own window', () => {
  fc.assert(
    fc.property(seconds, seconds, fc.integer({ min: 0, max: 9e9 }), (firstTs, now, after) => {
      const ts = Math.round(firstTs * 1e6 + after) / 1e6;
      const playback = playbackFrom(firstTs, now, 1);
      const played = playedAt(playback, ts);
      expect(windowStart(played, 5_000)).toBe(windowStart(ts, 5_000) + playback.shiftSeconds);
    }),
  );
});

test('the digits of a recorded time survive the shift', () => {
  const playback = playbackFrom(1_581_249_732.9415, 1_795_000_001, 1);
  expect(playedAt(playback, 1_581_249_732.9415)).toBe(1_795_000_002.9415);
  expect(playedAt(playback, 1_581_249_733.9424)).toBe(1_795_000_003.9424);
});

test('a higher speed draws the times together around the first', () => {
  const playback = playbackFrom(1_000, 2_000, 4);
  expect([1_000, 1_008, 1_002].map((ts) => playedAt(playback, ts))).toEqual([
    2_000, 2_002, 2_000.5,
  ]);
});

test.each([
  [2_000.25, 2_000, 250],
  [2_000, 2_000, 0],
  [1_999, 2_000, 0],
])('a reading due at %d is waited for at %d for %d ms', (due, now, expected) => {
  expect(waitMs(due, now)).toBe(expected);
});
