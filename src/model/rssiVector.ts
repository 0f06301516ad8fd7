import * as t from 'io-ts';

/**
 * What the sensors heard of one phone in one window: median dBm and number of readings per sensor.
 * `window_start` and `ts` (the phone's last reading in the window) in Unix seconds.
 */
export const RssiVector = t.strict(
  {
    phone_id: t.string,
    window_start: t.number,
    ts: t.number,
    vector: t.record(t.string, t.number),
    counts: t.record(t.string, t.number),
  },
  'RssiVector',
);
export type RssiVector = t.TypeOf<typeof RssiVector>;
