import type { UploadDwell, UploadReading } from '../../supabase/functions/_shared/contract.ts';
import { ZONE } from './batches.ts';

/**
 * What the database must derive, written a second time and plainly: all readings and dwells at once,
 * without any memory. Times are milliseconds; sessions end after {@link GAP_MS} of silence and at
 * four in the morning in Seoul.
 */
export interface Derived {
  readonly visits: ReadonlyArray<object>;
  readonly stays: ReadonlyArray<object>;
  readonly funnel: ReadonlyArray<object>;
}

interface Heard {
  readonly at: number;
  readonly zone: string;
  readonly rank: number;
}

interface Dwelt {
  readonly zone: string;
  readonly from: number;
  readonly to: number;
  readonly seconds: number;
}

interface Stay extends Dwelt {
  readonly origin: 'dwell' | 'readings';
}

const GAP_MS = 15 * 60_000;
const ENGAGE_MS = 60_000;
const DAY_MS = 86_400_000;
const SEOUL_AND_FOUR_MS = (9 - 4) * 3_600_000;
const BROWSE: ReadonlyArray<string> = [ZONE.aisle, ZONE.windowWest];
const CLASSES = ['burst', 'visitor', 'resident'];

const dayOf = (at: number): number => Math.floor((at + SEOUL_AND_FOUR_MS) / DAY_MS);
const inOrder = <A>(...keys: ReadonlyArray<(item: A) => number | string>) => {
  const compare = (a: A, b: A): number => {
    for (const key of keys) if (key(a) !== key(b)) return key(a) < key(b) ? -1 : 1;
    return 0;
  };
  return compare;
};

const heardBy = (readings: ReadonlyArray<UploadReading>): ReadonlyArray<Heard> =>
  readings
    .map(({ timestamp, zone_id, device_class = 'a_visitor' }) => ({
      at: Date.parse(timestamp),
      zone: zone_id,
      rank: CLASSES.indexOf(device_class.split('_')[1] ?? ''),
    }))
    .sort(
      inOrder<Heard>(
        ({ at }) => at,
        ({ zone }) => zone,
      ),
    );

const sessionsOf = (heard: ReadonlyArray<Heard>): ReadonlyArray<ReadonlyArray<Heard>> => {
  const sessions: Heard[][] = [];
  for (const event of heard) {
    const last = sessions.at(-1)?.at(-1);
    const goesOn =
      last !== undefined && event.at - last.at <= GAP_MS && dayOf(event.at) === dayOf(last.at);
    if (goesOn) sessions.at(-1)?.push(event);
    else sessions.push([event]);
  }
  return sessions;
};

/** A phone whose best known reading is still a burst passed by; a resident works here. */
const isVisit = (session: ReadonlyArray<Heard>): boolean =>
  Math.max(...session.map(({ rank }) => rank)) === 1;

/** Of dwells with one beginning and zone the longest. */
const dwellsBy = (dwells: ReadonlyArray<UploadDwell>): ReadonlyArray<Dwelt> => {
  const kept = new Map<string, Dwelt>();
  for (const { zone_id: zone, enter_timestamp, exit_timestamp, dwell_seconds } of dwells) {
    const dwelt = {
      zone,
      from: Date.parse(enter_timestamp),
      to: Date.parse(exit_timestamp),
      seconds: dwell_seconds,
    };
    const key = `${dwelt.from} ${zone}`;
    if (dwelt.to > (kept.get(key)?.to ?? -1)) kept.set(key, dwelt);
  }
  return [...kept.values()];
};

const covers =
  ({ at, zone }: Heard) =>
  (dwelt: Dwelt): boolean =>
    at >= dwelt.from &&
    (at < dwelt.to || at === dwelt.from || (at === dwelt.to && zone === dwelt.zone));

const runsOf = (
  session: ReadonlyArray<Heard>,
  dwells: ReadonlyArray<Dwelt>,
): ReadonlyArray<Stay> => {
  const runs: Array<{ zone: string; from: number; to: number }> = [];
  for (const event of session.filter((event) => !dwells.some(covers(event)))) {
    const run = runs.at(-1);
    const goesOn =
      run?.zone === event.zone && !dwells.some(({ from }) => from > run.to && from < event.at);
    if (run !== undefined && goesOn) run.to = event.at;
    else runs.push({ zone: event.zone, from: event.at, to: event.at });
  }
  return runs.map((run) => ({ ...run, seconds: (run.to - run.from) / 1000, origin: 'readings' }));
};

const staysOf = (
  session: ReadonlyArray<Heard>,
  dwells: ReadonlyArray<Dwelt>,
): ReadonlyArray<Stay> => {
  const [entry, exit] = [session[0]?.at ?? 0, session.at(-1)?.at ?? 0];
  const parts = dwells
    .filter(({ from, to }) => from <= exit && to >= entry)
    .map(({ zone, from, to, seconds }): Stay => {
      const [begin, end] = [Math.max(from, entry), Math.min(to, exit)];
      const isWhole = begin === from && end === to;
      const length = isWhole ? seconds : (end - begin) / 1000;
      return { zone, from: begin, to: end, seconds: length, origin: 'dwell' };
    });
  return [...parts, ...runsOf(session, dwells)].sort(
    inOrder<Stay>(
      ({ from }) => from,
      ({ to }) => to,
      ({ zone }) => zone,
      ({ seconds }) => seconds,
    ),
  );
};

const numbered = (stays: ReadonlyArray<Stay>, who: object) => {
  const inZone = new Map<string, number>();
  return stays.map(({ zone, from, to, seconds, origin }, index) => {
    const before = inZone.get(zone) ?? 0;
    const zone_seconds = before + seconds;
    inZone.set(zone, zone_seconds);
    const engages =
      zone === ZONE.windowWest && zone_seconds * 1000 >= ENGAGE_MS && before * 1000 < ENGAGE_MS;
    const engaged_at = engages ? to - (zone_seconds * 1000 - ENGAGE_MS) : null;
    return {
      ...who,
      sequence: index + 1,
      zone,
      from,
      to,
      seconds,
      zone_seconds,
      engaged_at,
      origin,
    };
  });
};

const stagesOf = (session: ReadonlyArray<Heard>, stays: ReturnType<typeof numbered>) => {
  const engaged = stays.find(({ engaged_at }) => engaged_at !== null);
  const first = (stage: string, event: Heard | undefined) =>
    event === undefined ? [] : [{ stage, zone: event.zone, at: event.at }];
  return [
    ...first('enter', session[0]),
    ...first(
      'browse',
      session.find(({ zone }) => BROWSE.includes(zone)),
    ),
    ...(engaged ? [{ stage: 'engage', zone: engaged.zone, at: engaged.engaged_at }] : []),
    ...first(
      'checkout',
      session.find(({ zone }) => zone === ZONE.checkout),
    ),
  ];
};

const ofPhone = (
  phone: string,
  readings: ReadonlyArray<UploadReading>,
  dwells: ReadonlyArray<UploadDwell>,
): Derived => {
  const visits = sessionsOf(heardBy(readings)).filter(isVisit);
  const each = visits.map((session) => {
    const [entry, exit] = [session[0]?.at, session.at(-1)?.at];
    const stays = numbered(staysOf(session, dwellsBy(dwells)), { phone, entry });
    const zones = [...new Set(session.map(({ zone }) => zone))];
    const funnel = stagesOf(session, stays).map((stage) => ({ phone, entry, ...stage }));
    return { visit: { phone, entry, exit, zones }, stays, funnel };
  });
  return {
    visits: each.map(({ visit }) => visit),
    stays: each.flatMap(({ stays }) => stays),
    funnel: each.flatMap(({ funnel }) => funnel),
  };
};

export const derivation = (
  readings: ReadonlyArray<UploadReading>,
  dwells: ReadonlyArray<UploadDwell>,
): Derived => {
  const phones = [...new Set(readings.map(({ hashed_mac }) => hashed_mac))].sort();
  const each = phones.map((phone) =>
    ofPhone(
      phone,
      readings.filter(({ hashed_mac }) => hashed_mac === phone),
      dwells.filter(({ hashed_mac }) => hashed_mac === phone),
    ),
  );
  return {
    visits: each.flatMap(({ visits }) => visits),
    stays: each.flatMap(({ stays }) => stays),
    funnel: each.flatMap(({ funnel }) => funnel),
  };
};

const ms = (column: string): string => `round(extract(epoch from ${column}) * 1000)::float8`;

/** The same of what the database holds. */
export const DERIVED_SQL = {
  visits: `select metadata ->> 'hashed_mac' as phone, ${ms('entry_time')} as entry,
      ${ms('exit_time')} as exit, zones_visited as zones
    from visits where source = 'neuralsense' order by phone, entry`,
  stays: `select metadata ->> 'hashed_mac' as phone, ${ms('entry_time')} as entry, sequence,
      s.zone_id as zone, ${ms('entered_at')} as from, ${ms('exited_at')} as to,
      dwell_seconds::float8 as seconds, zone_seconds::float8 as zone_seconds,
      ${ms('engaged_at')} as engaged_at, origin
    from visit_zone_events s join visits v on v.id = visit_id order by phone, entry, sequence`,
  funnel: `select metadata ->> 'hashed_mac' as phone, ${ms('entry_time')} as entry, stage,
      f.zone_id as zone, ${ms('event_time')} as at
    from funnel_events f join visits v on v.id = visit_id
    order by phone, entry, array_position('{enter,browse,engage,checkout}', stage)`,
} as const;
