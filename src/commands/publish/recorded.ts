import { either as E } from 'fp-ts';
import { UnixSeconds } from '../../model/time.ts';

/** One line of a recording. Its values are not judged: the pipeline shall reject what is wrong. */
export interface Recorded {
  readonly sensorId: string;
  /** Unix seconds. */
  readonly ts: number;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Reads a line; a text says why it cannot be played: a sensor and a time are all it needs. */
export const readRecorded = (line: string): Recorded | string => {
  let fields: unknown;
  try {
    fields = JSON.parse(line.replace(/^\uFEFF/, ''));
  } catch {
    return 'not JSON';
  }
  if (typeof fields !== 'object' || fields === null || Array.isArray(fields))
    return 'not a JSON object';
  const { sensor_id, rpi_id, ts } = fields as Readonly<Record<string, unknown>>;
  const sensorId = sensor_id ?? rpi_id;
  if (typeof sensorId !== 'string' || sensorId === '') return 'no sensor_id, and no rpi_id';
  const time = UnixSeconds.decode(ts);
  if (E.isLeft(time)) return 'no usable ts';
  return { sensorId, ts: time.right, fields: { ...fields } };
};
