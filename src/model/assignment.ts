import * as t from 'io-ts';
import { DeviceClass } from '../../supabase/functions/_shared/contract.ts';

const NumberOrNull = t.union([t.number, t.null]);

/** Lines from before there were runners-up have none. */
const NextBest = new t.Type<number | null>(
  'NextBest',
  NumberOrNull.is,
  (input, context) => NumberOrNull.validate(input ?? null, context),
  t.identity,
);

const place = {
  zone_id: t.number,
  phone_id: t.string,
  ts: t.number,
  vector: t.record(t.string, t.number),
  x: t.number,
  y: t.number,
};
const certainty = {
  confidence: t.number,
  margin: t.number,
  sources: t.readonlyArray(t.string),
  runner_up: NextBest,
};

/**
 * A phone's zone in one window. `ts`: the phone's last reading in the window, Unix seconds;
 * `confidence`: the winner's posterior; `margin`: its distance to the runner-up's;
 * `sources`: the sensors that heard the phone; `vector`: sensor → dBm; `x`, `y` in metres;
 * `runner_up`: the next best zone, null where there is none; `device_class`: what kind of device it
 * has turned out to be by then, and a visitor's where there is none.
 */
export const Assignment = t.exact(
  t.intersection([t.type({ ...place, ...certainty }), t.partial({ device_class: DeviceClass })]),
  'Assignment',
);
export type Assignment = Readonly<t.TypeOf<typeof Assignment>>;

/** An assignment, or as much of one as another program knows: where a phone was, not how surely. */
export const Sighting = t.exact(
  t.intersection([t.type(place), t.partial({ ...certainty, device_class: DeviceClass })]),
  'Sighting',
);
export type Sighting = Readonly<t.TypeOf<typeof Sighting>>;
