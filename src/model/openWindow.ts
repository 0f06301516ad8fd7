import * as t from 'io-ts';

/**
 * What was heard of one phone in one window, while readings may still come: dBm per sensor, in the
 * order of their coming. `window_start` and `ts` (the last reading's) in Unix seconds.
 */
export const OpenWindow = t.strict(
  {
    phone_id: t.string,
    window_start: t.number,
    ts: t.number,
    rssi: t.record(t.string, t.readonlyArray(t.number)),
  },
  'OpenWindow',
);
export type OpenWindow = t.TypeOf<typeof OpenWindow>;

/** Keyed by window and phone. */
export type OpenWindows = ReadonlyMap<string, OpenWindow>;

export const windowKey = ({
  window_start,
  phone_id,
}: Pick<OpenWindow, 'window_start' | 'phone_id'>): string => `${window_start} ${phone_id}`;
