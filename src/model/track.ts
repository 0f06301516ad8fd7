import * as t from 'io-ts';
import { DeviceClass } from '../../supabase/functions/_shared/contract.ts';

/** A stay in a zone that has not ended. Times in Unix seconds, here and below. */
const Stay = t.strict({ zone_id: t.number, enter_ts: t.number, last_ts: t.number });

/** A zone that a phone may be moving to, not yet confirmed. */
export const Candidate = t.strict({ zone_id: t.number, since_ts: t.number, count: t.number });
export type Candidate = t.TypeOf<typeof Candidate>;

/**
 * What is remembered of a phone during its visit; `zones` in order of first visit, `device_class` as of
 * its last assignment.
 */
export const Track = t.exact(
  t.intersection([
    t.type({
      phone_id: t.string,
      enter_ts: t.number,
      heard_ts: t.number,
      zones: t.readonlyArray(t.number),
      zone_id: t.union([t.number, t.null]),
    }),
    t.partial({ stay: Stay, candidate: Candidate, device_class: DeviceClass }),
  ]),
  'Track',
);
export type Track = Readonly<t.TypeOf<typeof Track>>;
