import { either as E } from 'fp-ts';
import { defer, map } from 'rxjs';
import { type Heard, isHeard, type Signal } from '../model/heard.ts';
import type { AdmissionPolicy } from '../model/policies.ts';
import { type Rejected, rejected } from '../model/rejected.ts';
import type { Env, Operator } from '../model/shapes.ts';
import { claimsOfTopic } from '../model/topic.ts';
import { sensorQuota } from './sensorQuota.ts';

/**
 * Why `heard` may not count, in words; empty when it may. `nowMs`: Unix ms. What the broker kept in
 * our absence is old without its clock being wrong.
 */
export const objections = (
  { reading, topic, isBacklog }: Heard,
  policy: AdmissionPolicy,
  nowMs: number,
): ReadonlyArray<string> => {
  const { store, sensor } = claimsOfTopic(topic, policy.rssiTopic);
  const aheadMs = reading.ts * 1000 - nowMs;
  const isClockOff =
    aheadMs > policy.maxClockSkewMs || (aheadMs < -policy.maxClockSkewMs && isBacklog !== true);
  return [
    ...(store !== undefined && !policy.storeNames.has(store)
      ? [`store: ${store} is not this pipeline's store`]
      : []),
    ...(sensor !== undefined && sensor.toLowerCase() !== reading.sensor_id
      ? [`sensor_id: ${reading.sensor_id} does not belong on the topic of ${sensor}`]
      : []),
    ...(policy.sensors.has(reading.sensor_id)
      ? []
      : [`sensor_id: ${reading.sensor_id} is not in the sensors file`]),
    ...(isClockOff
      ? [`ts: ${Math.round(Math.abs(aheadMs) / 1000)} s off this machine's clock`]
      : []),
  ];
};

/**
 * Passes on what is of this store, from a known sensor on a topic that may be its own, with a right
 * clock and within the sensor's quota; the rest becomes {@link Rejected} with every reason. What was
 * already rejected passes unchanged.
 */
export const admitReadings =
  (
    policy: AdmissionPolicy,
    env: Pick<Env, 'scheduler'>,
  ): Operator<E.Either<Rejected, Signal>, E.Either<Rejected, Signal>> =>
  (heard$) =>
    defer(() => {
      const { quota } = policy;
      const isWithinQuota = quota === undefined ? () => true : sensorQuota(quota);
      const excess = `rate: more than ${quota?.readings} readings of one sensor in ${(quota?.spanMs ?? 0) / 1000} s`;
      const admit = (heard: Signal): E.Either<Rejected, Signal> => {
        if (!isHeard(heard)) return E.right(heard);
        const reasons = objections(heard, policy, env.scheduler.now());
        // What is refused anyway takes nothing from the quota of the sensor that it names.
        if (reasons.length === 0 && isWithinQuota(heard.reading)) return E.right(heard);
        const { acknowledge } = heard;
        const why = reasons.length === 0 ? [excess] : reasons;
        const refusal = rejected(heard, why, JSON.stringify(heard.reading));
        return E.left(acknowledge ? { ...refusal, acknowledge } : refusal);
      };
      return heard$.pipe(map(E.chain(admit)));
    });
