import { either as E } from 'fp-ts';
import { defer, map } from 'rxjs';
import { type Heard, isHeard, type Signal } from '../model/heard.ts';
import type { ClockPolicy, WindowPolicy } from '../model/policies.ts';
import { type Rejected, rejected } from '../model/rejected.ts';
import type { Env, Operator, PipelineEvent } from '../model/shapes.ts';
import { CLOCK, type SensorClock, sensorClock } from '../positioning/sensorClock.ts';

/** A bound for what is remembered; sensors are known ones by now, so it is never met in a shop. */
const MAX_SENSORS = 4_096;
/** An offset is told where it differs by more from what was told, s. */
const TOLD_AGAIN = 1;

interface Watched {
  readonly clock: SensorClock;
  /** The offset that was told last, s. */
  told: number;
}

const toMilliseconds = (seconds: number): number => Math.round(seconds * 1000) / 1000;

/** Whether the window of `ts` is no more when a reading comes at `at`; Unix seconds. */
const isClosed = (ts: number, at: number, { spanMs, graceMs }: WindowPolicy): boolean =>
  Math.floor((ts * 1000) / spanMs) < Math.floor((at * 1000 - graceMs) / spanMs);

const ADVICE = 'its readings are corrected; to let it keep time: timedatectl set-ntp true';

const offsetTold = (sensor: string, offset: number): PipelineEvent => {
  if (offset === 0) return { level: 'info', event: 'sensor clock right', sensor };
  const clock = `${Math.abs(offset).toFixed(1)} s ${offset > 0 ? 'behind' : 'ahead'}`;
  return { level: 'warn', event: 'sensor clock off', sensor, clock, advice: ADVICE };
};

/** Tells an offset that is news and has held for a while: a jump may be one reading's alone. */
const tellOffset = (sensor: string, watched: Watched, at: number, log: Env['log']): void => {
  const offset = watched.clock.offset();
  if (Math.abs(offset - watched.told) <= TOLD_AGAIN) return;
  if (at - watched.clock.steadySince() < CLOCK.patience) return;
  watched.told = offset;
  log(offsetTold(sensor, offset));
};

/**
 * When a reading was made by this machine's clock, Unix seconds to the millisecond. A reading that
 * waited, or that another handed on, says nothing of its sensor's clock; it is corrected as the live
 * ones before it. For a live one that is a little too late for its window the time of receipt counts:
 * alone it would make a second, poor vector of that window. What is later by a whole window has
 * waited, whether it says so or not.
 */
const alignedTs = (
  { reading: { ts }, receivedAt, isBacklog, isRelayed }: Heard,
  clock: SensorClock,
  window: WindowPolicy,
): number => {
  const isLive = isBacklog !== true && isRelayed !== true;
  if (isLive) clock.hear(ts, receivedAt);
  const offset = clock.offset();
  if (offset === 0) return ts;
  const aligned = toMilliseconds(ts + offset);
  const isLittle = (receivedAt - aligned) * 1000 <= window.spanMs;
  return isLive && isLittle && isClosed(aligned, receivedAt, window)
    ? toMilliseconds(receivedAt)
    : aligned;
};

/** Why a time may not count, in words; what waited is old without its clock being wrong. */
const objection = (ts: number, { receivedAt, isBacklog }: Heard, { maxSkewMs }: ClockPolicy) => {
  const aheadMs = (ts - receivedAt) * 1000;
  const isOff = aheadMs > maxSkewMs || (aheadMs < -maxSkewMs && isBacklog !== true);
  return isOff
    ? `ts: ${Math.round(Math.abs(aheadMs) / 1000)} s off this machine's clock`
    : undefined;
};

const refuse = (heard: Heard, reason: string): E.Either<Rejected, Signal> => {
  const { acknowledge } = heard;
  const { reading } = heard;
  const cause = { kind: 'clock', subject: reading.sensor_id } as const;
  const refusal = rejected(heard, [reason], JSON.stringify(reading), cause);
  return E.left(acknowledge ? { ...refusal, acknowledge } : refusal);
};

/**
 * Puts readings on this machine's clock: `ts` of a sensor whose clock is not kept becomes the time
 * at which it was heard here, and `sensor_ts` holds what the sensor said. Clocks that are kept, and
 * readings without a time of their own, stay as they are. An offset of more than a second is logged
 * once for each sensor, and again when it changes by more. What is then still off by more than the
 * policy allows becomes {@link Rejected}; what was rejected before passes unchanged.
 *
 * @param inherited offsets by sensor, s, as the process before this one knew them
 * @example heard$.pipe(alignClocks({ isCorrecting: true, maxSkewMs: 600_000 }, window, env))
 */
export const alignClocks =
  (
    policy: ClockPolicy,
    window: WindowPolicy,
    { log }: Pick<Env, 'log'>,
    inherited: ReadonlyMap<string, number> = new Map(),
  ): Operator<E.Either<Rejected, Signal>, E.Either<Rejected, Signal>> =>
  (heard$) =>
    defer(() => {
      const sensors = new Map<string, Watched>();
      const watch = (sensor: string): Watched => {
        const known = sensors.get(sensor);
        if (known !== undefined) return known;
        if (sensors.size >= MAX_SENSORS)
          for (const first of sensors.keys()) {
            sensors.delete(first);
            break;
          }
        const watched = { clock: sensorClock(inherited.get(sensor)), told: 0 };
        sensors.set(sensor, watched);
        return watched;
      };
      const timeOf = (heard: Heard): number => {
        const { reading, receivedAt, isUntimed } = heard;
        if (!policy.isCorrecting || isUntimed === true) return reading.ts;
        const watched = watch(reading.sensor_id);
        const ts = alignedTs(heard, watched.clock, window);
        tellOffset(reading.sensor_id, watched, receivedAt, log);
        return ts;
      };
      const align = (heard: Signal): E.Either<Rejected, Signal> => {
        if (!isHeard(heard)) return E.right(heard);
        const { reading } = heard;
        const ts = timeOf(heard);
        const reason = objection(ts, heard, policy);
        if (reason !== undefined) return refuse(heard, reason);
        if (ts === reading.ts) return E.right(heard);
        const { sensor_id, phone_id, rssi, ts: sensor_ts } = reading;
        return E.right({ ...heard, reading: { sensor_id, phone_id, rssi, ts, sensor_ts } });
      };
      return heard$.pipe(map(E.chain(align)));
    });
