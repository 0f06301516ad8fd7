import * as t from 'io-ts';

/** A phone's stay in one zone; times in Unix seconds. */
export const Dwell = t.strict(
  {
    phone_id: t.string,
    zone_id: t.number,
    enter_ts: t.number,
    exit_ts: t.number,
    dwell_seconds: t.number,
  },
  'Dwell',
);
export type Dwell = t.TypeOf<typeof Dwell>;

/** A phone changed zone; `from_zone_id` is null where it was first seen. `ts` in Unix seconds. */
export interface ZoneTransition {
  readonly phone_id: string;
  readonly from_zone_id: number | null;
  readonly to_zone_id: number;
  readonly ts: number;
}

/** A phone's whole stay in the store; `zones_visited` in order of first visit. */
export interface Visit {
  readonly phone_id: string;
  readonly enter_ts: number;
  readonly exit_ts: number;
  readonly duration_seconds: number;
  readonly zones_visited: ReadonlyArray<number>;
}
