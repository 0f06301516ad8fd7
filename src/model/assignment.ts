import * as t from 'io-ts';

/**
 * A phone's zone in one window. `ts`: the phone's last reading in the window, Unix seconds;
 * `confidence`: the winner's posterior; `margin`: its distance to the runner-up's;
 * `sources`: the sensors that heard the phone; `vector`: sensor → dBm; `x`, `y` in metres.
 */
export const Assignment = t.strict(
  {
    zone_id: t.number,
    phone_id: t.string,
    ts: t.number,
    confidence: t.number,
    margin: t.number,
    sources: t.readonlyArray(t.string),
    vector: t.record(t.string, t.number),
    x: t.number,
    y: t.number,
  },
  'Assignment',
);
export type Assignment = t.TypeOf<typeof Assignment>;
