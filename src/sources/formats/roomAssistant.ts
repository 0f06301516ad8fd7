import { either as E } from 'fp-ts';
import type { Message } from '../../model/message.ts';
import {
  type Decoded,
  instantOf,
  NOTHING,
  readFields,
  readingOf,
  type SensorIdOf,
  sensorIds,
} from './foreign.ts';
import type { Format } from './format.ts';
import { type Fields, fieldsOf } from './payload.ts';

const ENTITY = 'bluetooth-low-energy-presence-sensor';

/** How many pairs of phone and sensor are remembered, so that no repeat counts twice. */
const REMEMBERED = 20_000;

/** Entities are called `ble-` and the tag's id: an address without colons, or a beacon's uuid. */
const tagOf = (entityId: string): string => entityId.replace(/^ble-/, '').replace(/-tracker$/, '');

interface Measured {
  readonly sensor: string;
  readonly rssi: unknown;
  readonly ts: number | undefined;
}

const measuredIn = (entity: Fields): ReadonlyArray<Measured> => {
  const distances = fieldsOf(entity['distances']) ?? {};
  return Object.entries(fieldsOf(entity['measuredValues']) ?? {}).map(([sensor, value]) => ({
    sensor,
    rssi: fieldsOf(value)?.['rssi'],
    ts: instantOf(fieldsOf(distances[sensor])?.['lastUpdatedAt']),
  }));
};

/** True for what was not seen before; forgets the oldest when it has remembered enough. */
const newsOnly = () => {
  const latest = new Map<string, number>();
  return (phone: string, { sensor, ts }: Measured): boolean => {
    const key = `${phone} ${sensor}`;
    const before = latest.get(key) ?? 0;
    if (ts === undefined) return true;
    if (ts <= before) return false;
    latest.delete(key);
    latest.set(key, ts);
    const oldest = latest.size > REMEMBERED ? latest.keys().next().value : undefined;
    if (oldest !== undefined) latest.delete(oldest);
    return true;
  };
};

const readingsIn = (
  message: Message,
  entityId: string,
  isNew: ReturnType<typeof newsOnly>,
  idOf: SensorIdOf,
): Decoded => {
  const fields = readFields(message);
  if (E.isLeft(fields)) return fields.left;
  // Every instance publishes every entity; one of them speaks for all.
  if (fields.right['hasAuthority'] !== true) return NOTHING;
  const entity = fieldsOf(fields.right['entity']) ?? {};
  const phone = tagOf(entityId);
  return measuredIn(entity)
    .filter((measured) => isNew(phone, measured))
    .map((measured) => readingOf(message, { ...measured, phone, isRelayed: true }, idOf));
};

/**
 * room-assistant: `<base>/<instance>/bluetooth-low-energy-presence-sensor/<entity>` holds what every
 * sensor last measured of one phone, `entity.measuredValues.<sensor>.rssi` at
 * `entity.distances.<sensor>.lastUpdatedAt`, so most of a message repeats the one before. Stateful:
 * one decoder drops repeats of its own messages. It publishes no sensor health here.
 */
export const roomAssistant = (base: string): Format => {
  const isNew = newsOnly();
  const idOf = sensorIds();
  return {
    topics: [`${base}/+/${ENTITY}/+`],
    decode: (message) => {
      const [, kind, entityId, ...deeper] = message.topic.slice(base.length + 1).split('/');
      return kind === ENTITY && entityId !== undefined && deeper.length === 0
        ? readingsIn(message, entityId, isNew, idOf)
        : NOTHING;
    },
  };
};
