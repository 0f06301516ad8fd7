import { either as E } from 'fp-ts';
import { defer, map } from 'rxjs';
import { type Heard, isHeard, type Signal } from '../model/heard.ts';
import type { AdmissionPolicy } from '../model/policies.ts';
import { type Cause, type Rejected, type RejectionKind, rejected } from '../model/rejected.ts';
import { sensorName } from '../model/sensorId.ts';
import type { Operator } from '../model/shapes.ts';
import { claimsOfTopic } from '../model/topic.ts';
import { sensorQuota } from './sensorQuota.ts';

/** A cause, and the same in words. */
interface Objection {
  readonly cause: Cause;
  readonly reason: string;
}

const objection = (kind: RejectionKind, subject: string, reason: string): Objection => ({
  cause: { kind, subject },
  reason,
});

/** Why `heard` may not count; empty when it may. */
export const objections = (
  { reading, topic }: Heard,
  policy: AdmissionPolicy,
): ReadonlyArray<Objection> => {
  const { store, sensor } = claimsOfTopic(topic, policy.rssiTopic);
  return [
    ...(store !== undefined && !policy.storeNames.has(store.normalize('NFC'))
      ? [objection('other_store', store, `store: ${store} is not this pipeline's store`)]
      : []),
    ...(sensor !== undefined && sensorName(sensor) !== reading.sensor_id
      ? [
          objection(
            'wrong_topic',
            reading.sensor_id,
            `sensor_id: ${reading.sensor_id} does not belong on the topic of ${sensor}`,
          ),
        ]
      : []),
    ...(policy.sensors.has(reading.sensor_id)
      ? []
      : [
          objection(
            'unknown_sensor',
            reading.sensor_id,
            `sensor_id: ${reading.sensor_id} is not in the sensors file`,
          ),
        ]),
  ];
};

/**
 * Passes on what is of this store, from a known sensor on a topic that may be its own, and within
 * the sensor's quota; the rest becomes {@link Rejected} with every reason. What was
 * already rejected passes unchanged.
 */
export const admitReadings =
  (policy: AdmissionPolicy): Operator<E.Either<Rejected, Signal>, E.Either<Rejected, Signal>> =>
  (heard$) =>
    defer(() => {
      const { quota } = policy;
      const isWithinQuota = quota === undefined ? () => true : sensorQuota(quota);
      const excess = `rate: more than ${quota?.readings} readings of one sensor in ${(quota?.spanMs ?? 0) / 1000} s`;
      const admit = (heard: Signal): E.Either<Rejected, Signal> => {
        if (!isHeard(heard)) return E.right(heard);
        const against = objections(heard, policy);
        // What is refused anyway takes nothing from the quota of the sensor that it names.
        if (against.length === 0 && isWithinQuota(heard.reading)) return E.right(heard);
        const { acknowledge, reading } = heard;
        const [first = objection('rate', reading.sensor_id, excess), ...others] = against;
        const reasons = [first, ...others].map(({ reason }) => reason);
        const refusal = rejected(heard, reasons, JSON.stringify(reading), first.cause);
        return E.left(acknowledge ? { ...refusal, acknowledge } : refusal);
      };
      return heard$.pipe(map(E.chain(admit)));
    });
