import { either as E } from 'fp-ts';
import { map } from 'rxjs';
import type { Heard } from '../model/heard.ts';
import type { AdmissionPolicy } from '../model/policies.ts';
import { type Rejected, rejected } from '../model/rejected.ts';
import type { Env, Operator } from '../model/shapes.ts';
import { claimsOfTopic } from '../model/topic.ts';

/**
 * Why `heard` may not count, in words; empty when it may. `nowMs`: Unix ms. What the broker kept in
 * our absence is old without its clock being wrong.
 */
export const objections = (
  { reading, topic, isBacklog }: Heard,
  policy: AdmissionPolicy,
  nowMs: number,
): ReadonlyArray<string> => {
  const { store, sensor } = claimsOfTopic(topic);
  const aheadMs = reading.ts * 1000 - nowMs;
  const isClockOff =
    aheadMs > policy.maxClockSkewMs || (aheadMs < -policy.maxClockSkewMs && isBacklog !== true);
  return [
    ...(store !== undefined && !policy.storeNames.has(store)
      ? [`store: ${store} is not this pipeline's store`]
      : []),
    ...(sensor !== undefined && sensor !== reading.sensor_id
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
 * Passes on what is of this store, from a known sensor on a topic that may be its own, and a right clock; the rest becomes
 * {@link Rejected} with every reason. What was already rejected passes unchanged.
 */
export const admitReadings = (
  policy: AdmissionPolicy,
  env: Pick<Env, 'scheduler'>,
): Operator<E.Either<Rejected, Heard>, E.Either<Rejected, Heard>> =>
  map(
    E.chain((heard): E.Either<Rejected, Heard> => {
      const reasons = objections(heard, policy, env.scheduler.now());
      if (reasons.length === 0) return E.right(heard);
      const { acknowledge } = heard;
      const refusal = rejected(heard, reasons, JSON.stringify(heard.reading));
      return E.left(acknowledge ? { ...refusal, acknowledge } : refusal);
    }),
  );
