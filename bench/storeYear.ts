import { DEMO_ORG_ID, DEMO_STORE_ID } from '../src/embedded/database/demoStore.ts';

/** How a store's year looks: visits spread over its opening hours, by phones of which some return. */
export interface StoreYear {
  readonly days: number;
  readonly visitsPerDay: number;
  /** Readings of a visit, one each window of five seconds. */
  readonly eventsPerVisit: number;
  readonly staysPerVisit: number;
  /** The day after the last. */
  readonly until: string;
}

const RETURNING_OF_TEN = 3;
const WINDOW_SEC = 5;

/** Runs before {@link fillDay}: what all days share. */
export const prepareYear = `
  create temp table zones as select row_number() over (order by length(zone_code), zone_code) - 1 as n, id
  from public.zones_dim where store_id = '${DEMO_STORE_ID}';
  create temp table visit_seed (v bigint, mac text, entry_time timestamptz, visit_id uuid, visitor_id uuid);
  create or replace function pg_temp.part(v bigint, salt integer) returns double precision
  language sql immutable as $$ select (hashint8extended(v, salt) & 1048575) / 1048576.0 $$;`;

/**
 * One day of readings, sessions, visits, stays and stages, written as ingestion would leave them, by
 * the database itself: sending them would take days.
 */
export const fillDay = (
  { visitsPerDay, eventsPerVisit, staysPerVisit, until }: StoreYear,
  daysAgo: number,
): string => {
  const perStay = Math.max(1, Math.round(eventsPerVisit / staysPerVisit));
  const ids = `'${DEMO_ORG_ID}'::uuid, '${DEMO_STORE_ID}'::uuid`;
  return `
  truncate visit_seed;
  insert into visit_seed (v, mac, entry_time)
  select v, encode(sha256((case when pg_temp.part(v, 1) < 0.${RETURNING_OF_TEN}
      then floor(pg_temp.part(v, 2) * ${visitsPerDay * 20}) else v + 1000000000 end)::text::bytea), 'hex'),
    date_trunc('milliseconds', timestamptz '${until}' - interval '${daysAgo} days' + interval '9 hours'
      + ((v % ${visitsPerDay}) + pg_temp.part(v, 3)) * interval '12 hours' / ${visitsPerDay})
  from generate_series(${daysAgo}::bigint * ${visitsPerDay}, (${daysAgo}::bigint + 1) * ${visitsPerDay} - 1) v;
  delete from visit_seed a using visit_seed b where a.mac = b.mac and a.v > b.v;
  update visit_seed set visitor_id = private.visitor_id('${DEMO_STORE_ID}', mac),
    visit_id = private.uuid_of(concat_ws('|', '${DEMO_STORE_ID}', mac, extract(epoch from entry_time)));

  create temp table events on commit drop as
  select v, mac, visit_id, visitor_id, entry_time, e, zones.id as zone_id,
    entry_time + e * interval '${WINDOW_SEC} seconds' as event_time
  from visit_seed
  cross join lateral generate_series(0, floor(${2 * eventsPerVisit - 1} * pg_temp.part(v, 4))::integer) e
  join zones on zones.n = (e / ${perStay} * 7 + v) % 19;

  insert into public.zone_events (id, org_id, store_id, zone_id, batch_id, reading_key, hashed_mac,
    event_time, sensor_type, rssi_readings, position_x, position_y, confidence)
  select gen_random_uuid(), ${ids}, zone_id, visit_id, encode(sha256((v || '|' || e)::bytea), 'hex'),
    mac, event_time, 'wifi', '{"pi1": -50, "pi5": -61.5}', 1.5, 2.5, 0.8
  from events;

  create temp table firsts on commit drop as
  select visit_id, zone_id, min(event_time) as since from events group by visit_id, zone_id;
  create temp table spans on commit drop as
  select visit_id, mac, visitor_id, entry_time, max(event_time) as exit_time
  from events group by visit_id, mac, visitor_id, entry_time;

  insert into private.sessions (store_id, hashed_mac, entry_time, exit_time, visit_id, visitor_id, zones,
    zones_since, is_persistent, is_resident)
  select '${DEMO_STORE_ID}', mac, entry_time, exit_time, visit_id, visitor_id, zone.ids, zone.since, true, false
  from spans join (select visit_id, array_agg(zone_id order by since, zone_id) as ids,
      array_agg(since order by since, zone_id) as since from firsts group by visit_id) zone using (visit_id);
  insert into public.visits (id, org_id, store_id, user_id, visit_date, visitor_id, entry_time, exit_time,
    duration_minutes, zones_visited, source, metadata)
  select visit_id, ${ids}, 'system', entry_time::date, visitor_id, entry_time, exit_time,
    round(extract(epoch from exit_time - entry_time) / 60, 2), zones, 'neuralsense',
    jsonb_build_object('hashed_mac', hashed_mac)
  from private.sessions where store_id = '${DEMO_STORE_ID}' and visit_id in (select visit_id from spans);

  create temp table stays on commit drop as
  select visit_id, mac, zone_id, (e / ${perStay} + 1)::integer as sequence, min(event_time) as entered_at,
    max(event_time) as exited_at, extract(epoch from max(event_time) - min(event_time)) as seconds
  from events group by visit_id, mac, zone_id, e / ${perStay};
  insert into public.visit_zone_events (id, org_id, store_id, visit_id, zone_id, sequence, entered_at,
    exited_at, dwell_seconds, zone_seconds, engaged_at, origin, source)
  select gen_random_uuid(), ${ids}, visit_id, zone_id, sequence, entered_at,
    exited_at, seconds, sum(seconds) over (partition by visit_id, zone_id order by sequence), null,
    'dwell', 'neuralsense'
  from stays;
  insert into public.zone_dwells (store_id, hashed_mac, zone_id, entered_at, exited_at, dwell_seconds)
  select '${DEMO_STORE_ID}', mac, zone_id, entered_at, exited_at, seconds from stays;
  insert into public.funnel_events (id, org_id, store_id, visit_id, zone_id, stage, event_time, source)
  select distinct on (stage, visit_id) gen_random_uuid(), ${ids}, visit_id,
    zone_id, stage, at, 'neuralsense'
  from (
    select visit_id, zone_id, 'enter' as stage, since as at from firsts
    union all
    select visit_id, zone_id, case zone_type when 'checkout' then 'checkout' else 'browse' end, since
    from firsts join public.zones_dim zone on zone.id = zone_id and zone_type <> 'entrance'
    union all
    select visit_id, zone_id, 'engage', exited_at
    from stays join public.zones_dim zone on zone.id = zone_id and zone_type = 'display'
    where seconds >= 60) reached
  order by stage, visit_id, at;
  insert into private.bursts (store_id, at, begun, since)
  select '${DEMO_STORE_ID}', private.five_minutes_of(event_time), count(distinct mac), min(event_time)
  from events group by 2;
  drop table events, firsts, spans, stays;`;
};
