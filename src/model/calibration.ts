import { either as E } from 'fp-ts';
import * as t from 'io-ts';
import { explain } from '../../supabase/functions/_shared/codec.ts';
import { parseJson } from './json.ts';
import type { Layout } from './layout.ts';

/** How a survey becomes a map of the shop's radio. */
export const Method = t.keyof({ 'gaussian-process': null, 'naive-bayes': null });
export type Method = t.TypeOf<typeof Method>;

/** Whether levels are dBm, or dB against each other: then how loud the phone was is not known. */
export const Levels = t.keyof({ absolute: null, relative: null });
export type Levels = t.TypeOf<typeof Levels>;

/**
 * What the sensors heard on average of a phone at one surveyed place, or somewhere in a zone, of
 * which `x` and `y` are the centre; metres, and dBm or dB.
 */
export const SurveyPoint = t.exact(
  t.intersection([
    t.type({
      x: t.number,
      y: t.number,
      /** Windows of 5 s that the averages are of. */
      windows: t.number,
      levels: t.record(t.string, t.number),
    }),
    /** Where no more is known of the place than its zone. */
    t.partial({ zone_id: t.number }),
  ]),
);
export type SurveyPoint = t.TypeOf<typeof SurveyPoint>;

/** A sensor and, if anybody knew, where it hung. */
const SensorThen = t.exact(
  t.intersection([
    t.type({ sensor_id: t.string }),
    t.partial({ x: t.number, y: t.number, z: t.number }),
  ]),
);

/** What a survey found: read by `npm run pipeline` and `npm run replay`, written by calibrate. */
export const Calibration = t.strict(
  {
    format: t.literal('neuralsense-calibration-1'),
    method: Method,
    levels: Levels,
    /** Where the sensors were then: a survey is worth nothing once they are moved. */
    sensors: t.readonlyArray(SensorThen),
    points: t.readonlyArray(SurveyPoint),
  },
  'Calibration',
);
export type Calibration = t.TypeOf<typeof Calibration>;

/** What a survey's file says. */
export interface Survey {
  /** Averages by place. */
  readonly points: ReadonlyArray<SurveyPoint>;
  readonly levels: Levels;
  /** Sensors that were never heard. */
  readonly unheard: ReadonlyArray<string>;
  /** What of the file was left out, in words. */
  readonly notes: ReadonlyArray<string>;
}

export const calibrationOf = (
  { sensors }: Layout,
  { points, levels }: Survey,
  method: Method,
): Calibration => ({
  format: 'neuralsense-calibration-1',
  method,
  levels,
  sensors: sensors.map(({ offset_db: _, ...sensor }) => sensor),
  points,
});

/** Reads a calibration file's text. Left: what is wrong with it. */
export const readCalibration = (
  text: string,
  file: string,
): E.Either<ReadonlyArray<string>, Calibration> => {
  const json = parseJson(text);
  if (json === undefined) return E.left([`${file}: is not JSON; make it by npm run calibrate`]);
  const decoded = Calibration.decode(json);
  return E.isLeft(decoded)
    ? E.left([
        `${file}: is not a calibration; make it by npm run calibrate (${explain(decoded.left)[0] ?? ''})`,
      ])
    : decoded;
};
