import { parseJson } from './json.ts';
import { SensorId } from './sensorId.ts';

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const listIn = (value: unknown, name: string): ReadonlyArray<unknown> => {
  const list = isRecord(value) ? value[name] : undefined;
  return Array.isArray(list) ? list : [];
};

/** What calibrate writes is one JSON value; calibrations of zones are one a line. */
const valuesIn = (text: string): ReadonlyArray<unknown> => {
  const whole = parseJson(text);
  return whole === undefined ? text.split('\n').map((line) => parseJson(line)) : [whole];
};

/**
 * The ids of the sensors that a calibration heard, as it names them first: of the levels of each
 * place, or of each vector of a zone. None where the text is no calibration.
 */
export const calibratedSensors = (text: string): ReadonlyArray<string> => {
  const levels = valuesIn(text).flatMap((value) => [
    ...listIn(value, 'points').map((point) => (isRecord(point) ? point['levels'] : undefined)),
    ...listIn(value, 'vectors'),
  ]);
  const names = levels.flatMap((one) => (isRecord(one) ? Object.keys(one) : []));
  return [
    ...new Set(
      names.flatMap((name) => {
        const id = SensorId.decode(name);
        return id._tag === 'Right' ? [id.right] : [];
      }),
    ),
  ];
};
