-- Visits, the zones in them and the funnel, derived from zone_events and zone_dwells.
-- Everything here is a function of the stored rows alone, so the order in which they came, the
-- batches they came in and how often they came leave no trace. Only what is near the rows of the
-- present batch is derived again, so the cost does not grow with history.

-- A visitor was heard, or a stay began: the visit around this instant is to be derived again.
do $$
begin
  if to_regtype('private.sighting') is null then
    create type private.sighting as (hashed_mac text, seen_at timestamptz);
  end if;
  if to_regtype('private.session') is null then
    create type private.session as (visit_id uuid, hashed_mac text, entry_time timestamptz,
      exit_time timestamptz, zones uuid[]);
  end if;
end $$;

-- A visit ends where the store's day begins, by default at four in the morning: else a phone that
-- never leaves would be one endless visit, and each of its readings would cost more than the last.
create or replace function private.store_settings(store uuid)
returns table (org_id uuid, time_zone text, session_gap interval, day_starts_at interval,
  engage_after double precision, system_user_id text)
language sql stable set search_path = ''
as $$
  select s.org_id, coalesce(s.time_zone, 'UTC'),
    make_interval(secs => coalesce((s.settings ->> 'session_gap_minutes')::float8, 15) * 60),
    make_interval(secs => coalesce((s.settings ->> 'day_starts_at_hour')::float8, 4) * 3600),
    coalesce((s.settings ->> 'engage_after_seconds')::float8, 60),
    coalesce(s.settings ->> 'system_user_id', 'system')
  from public.stores s
  where s.id = store
$$;

-- Visits of a visitor lie a session gap apart, or on two sides of a day's start: no more than
-- three can touch a span of two gaps, so the look back is bounded. A visitor_id means one store.
create or replace function private.visits_near(store uuid, sightings private.sighting[])
returns table (id uuid, hashed_mac text, entry_time timestamptz, exit_time timestamptz)
language sql stable set search_path = ''
as $$
  select distinct near.id, seen.hashed_mac, near.entry_time, near.exit_time
  from unnest(sightings) seen
  cross join private.store_settings(store) setting
  cross join lateral (select private.visitor_id(store, seen.hashed_mac) as id offset 0) visitor
  cross join lateral (
    select v.id, v.entry_time, v.exit_time
    from public.visits v
    where v.source = 'neuralsense' and v.visitor_id = visitor.id
      and v.entry_time <= seen.seen_at + setting.session_gap
    order by v.entry_time desc
    limit 3) near
  where near.exit_time >= seen.seen_at - setting.session_gap
$$;

-- A visitor's events in a span of time. "offset 0" keeps this a look-up by index for each row of
-- the caller: joined freely, the planner would sooner or later read the whole history instead.
create or replace function private.events_between(store uuid, spans private.session[])
returns table (visit_id uuid, hashed_mac text, event_time timestamptz, zone_id uuid)
language sql stable set search_path = ''
as $$
  select distinct span.visit_id, span.hashed_mac, e.event_time, e.zone_id
  from unnest(spans) span
  cross join lateral (
    select z.event_time, z.zone_id
    from public.zone_events z
    where z.store_id = store and z.hashed_mac = span.hashed_mac and z.reading_key is not null
      and z.event_time between span.entry_time and span.exit_time
    offset 0) e
$$;

-- The events of those visits and the events just heard, each once.
create or replace function private.events_near(store uuid, sightings private.sighting[])
returns table (hashed_mac text, event_time timestamptz, zone_id uuid)
language sql stable set search_path = ''
as $$
  select distinct e.hashed_mac, e.event_time, e.zone_id
  from private.events_between(store, array(
    select row(near.id, near.hashed_mac, near.entry_time, near.exit_time, null)::private.session
    from private.visits_near(store, sightings) near
    union
    select row(null, seen.hashed_mac, seen.seen_at, seen.seen_at, null)::private.session
    from unnest(sightings) seen)) e
$$;

-- Gaps and islands: a session begins where a visitor had been silent for longer than the gap.
create or replace function private.sessions_near(store uuid, sightings private.sighting[])
returns setof private.session
language sql stable set search_path = ''
as $$
  with marked as (
    select e.hashed_mac, e.event_time, e.zone_id,
      e.event_time - lag(e.event_time) over visitor > s.session_gap is not false
        or ((e.event_time at time zone s.time_zone) - s.day_starts_at)::date
          <> ((lag(e.event_time) over visitor at time zone s.time_zone) - s.day_starts_at)::date
        as begins
    from private.events_near(store, sightings) e cross join private.store_settings(store) s
    window visitor as (partition by e.hashed_mac order by e.event_time, e.zone_id)
  ), numbered as (
    select *, count(*) filter (where begins)
      over (partition by hashed_mac order by event_time, zone_id) as session
    from marked
  ), zones as (
    select hashed_mac, session, zone_id, min(event_time) as first_at, max(event_time) as last_at
    from numbered
    group by hashed_mac, session, zone_id
  )
  select private.uuid_of(concat_ws('|', store, hashed_mac, extract(epoch from min(first_at)))),
    hashed_mac, min(first_at), max(last_at), array_agg(zone_id order by first_at, zone_id)
  from zones
  group by hashed_mac, session
$$;

-- jsonb_populate_record gives each value the type that this database's visits have: in a table
-- that was here before us user_id may be text or uuid, zones_visited an array or json.
create or replace function private.write_visits(store uuid, sessions private.session[]) returns void
language sql volatile set search_path = ''
as $$
  insert into public.visits as v (id, org_id, store_id, user_id, customer_id, visit_date,
    visitor_id, entry_time, exit_time, duration_minutes, zones_visited, source, metadata, created_at)
  select s.visit_id, setting.org_id, store, typed.user_id, typed.customer_id, typed.visit_date,
    private.visitor_id(store, s.hashed_mac), s.entry_time, s.exit_time,
    round(extract(epoch from s.exit_time - s.entry_time) / 60, 2),
    typed.zones_visited, 'neuralsense', jsonb_build_object('hashed_mac', s.hashed_mac), now()
  from unnest(sessions) s
  cross join private.store_settings(store) setting
  cross join lateral jsonb_populate_record(null::public.visits, jsonb_build_object(
    'user_id', setting.system_user_id,
    'visit_date', (s.entry_time at time zone setting.time_zone)::date,
    'zones_visited', to_jsonb(s.zones))) typed
  on conflict (store_id, visitor_id, entry_time) where source = 'neuralsense' do update set
    exit_time = excluded.exit_time,
    duration_minutes = excluded.duration_minutes,
    zones_visited = excluded.zones_visited
  where (v.exit_time, v.zones_visited) is distinct from (excluded.exit_time, excluded.zones_visited)
$$;

-- What two visits were before a late reading joined them into one.
create or replace function private.delete_visits(ids uuid[]) returns void
language sql volatile set search_path = ''
as $$
  delete from public.visit_zone_events where visit_id = any (ids) and source = 'neuralsense';
  delete from public.funnel_events where visit_id = any (ids) and source = 'neuralsense';
  delete from public.visits where id = any (ids) and source = 'neuralsense';
$$;

-- A run: consecutive events of a visit in one zone.
create or replace function private.runs_of(store uuid, sessions private.session[])
returns table (visit_id uuid, zone_id uuid, entered_at timestamptz, exited_at timestamptz)
language sql stable set search_path = ''
as $$
  with numbered as (
    select visit_id, zone_id, event_time,
      row_number() over (partition by visit_id order by event_time, zone_id)
      - row_number() over (partition by visit_id, zone_id order by event_time) as run
    from private.events_between(store, sessions)
  )
  select visit_id, zone_id, min(event_time), max(event_time)
  from numbered
  group by visit_id, zone_id, run
$$;

-- The rule: a dwell that the gateway sent is the truth about the time that it covers, for the
-- gateway saw every reading and knows flicker from movement. It belongs to the visit in which it
-- begins. Where no dwell covers a run (it is still going on, or its dwell was lost), the run stands.
create or replace function private.stays_of(store uuid, sessions private.session[])
returns table (visit_id uuid, zone_id uuid, entered_at timestamptz, exited_at timestamptz,
  dwell_seconds numeric, origin text)
language sql stable set search_path = ''
as $$
  with dwells as (
    select s.visit_id, d.zone_id, d.entered_at, d.exited_at, d.dwell_seconds
    from unnest(sessions) s
    cross join lateral (
      select z.zone_id, z.entered_at, z.exited_at, z.dwell_seconds
      from public.zone_dwells z
      where z.store_id = store and z.hashed_mac = s.hashed_mac
        and z.entered_at between s.entry_time and s.exit_time
      offset 0) d
  )
  select d.*, 'dwell' from dwells d
  union all
  select run.*, extract(epoch from run.exited_at - run.entered_at), 'readings'
  from private.runs_of(store, sessions) run
  where not exists (
    select from dwells d
    where d.visit_id = run.visit_id and run.exited_at >= d.entered_at
      and (run.entered_at < d.exited_at or run.entered_at = d.entered_at
        or run.entered_at = d.exited_at and run.zone_id = d.zone_id))
$$;

create or replace function private.write_stays(store uuid, sessions private.session[])
returns bigint
language sql volatile set search_path = ''
as $$
  with stays as (
    select s.*, (row_number() over (partition by s.visit_id
      order by s.entered_at, s.exited_at, s.zone_id))::integer as sequence
    from private.stays_of(store, sessions) s
  ), written as (
    insert into public.visit_zone_events as old (id, org_id, store_id, visit_id, zone_id, sequence,
      entered_at, exited_at, dwell_seconds, origin, source, created_at)
    select private.uuid_of(concat_ws('|', visit_id, sequence)), setting.org_id, store, visit_id,
      zone_id, sequence, entered_at, exited_at, dwell_seconds, origin, 'neuralsense', now()
    from stays cross join private.store_settings(store) setting
    on conflict (visit_id, sequence) where source = 'neuralsense' do update set
      zone_id = excluded.zone_id, entered_at = excluded.entered_at, exited_at = excluded.exited_at,
      dwell_seconds = excluded.dwell_seconds, origin = excluded.origin
    where (old.zone_id, old.entered_at, old.exited_at, old.dwell_seconds, old.origin) is distinct from
      (excluded.zone_id, excluded.entered_at, excluded.exited_at, excluded.dwell_seconds,
        excluded.origin)
  ), surplus as (
    delete from public.visit_zone_events old using unnest(sessions) s
    where old.visit_id = s.visit_id and old.source = 'neuralsense'
      and old.sequence > (select count(*) from stays where stays.visit_id = s.visit_id)
  )
  select count(*) from stays
$$;

-- The instant at which a visitor's time in one display or fitting zone reached the threshold.
create or replace function private.engagements_of(store uuid, sessions private.session[])
returns table (visit_id uuid, zone_id uuid, event_time timestamptz)
language sql stable set search_path = ''
as $$
  select visit_id, zone_id, exited_at - make_interval(secs => total - engage_after)
  from (
    select stay.visit_id, stay.zone_id, stay.exited_at, setting.engage_after,
      (sum(stay.dwell_seconds) over (partition by stay.visit_id, stay.zone_id
        order by stay.sequence))::float8 as total,
      stay.dwell_seconds
    from unnest(sessions) s
    join public.visit_zone_events stay on stay.visit_id = s.visit_id and stay.source = 'neuralsense'
    join public.zones_dim zone on zone.id = stay.zone_id and zone.zone_type in ('display', 'fitting')
    cross join private.store_settings(store) setting) stays
  where total >= engage_after and total - dwell_seconds < engage_after
$$;

-- enter: the visit began; browse: seen among the goods; engage: stayed there; checkout: was there.
create or replace function private.stages_of(store uuid, sessions private.session[])
returns table (visit_id uuid, stage text, zone_id uuid, event_time timestamptz)
language sql stable set search_path = ''
as $$
  select visit_id, 'enter', zones[1], entry_time from unnest(sessions)
  union all
  (select distinct on (run.visit_id, stage) run.visit_id,
    case when zone.zone_type = 'checkout' then 'checkout' else 'browse' end as stage,
    run.zone_id, run.entered_at
  from private.runs_of(store, sessions) run
  join public.zones_dim zone on zone.id = run.zone_id
    and zone.zone_type in ('aisle', 'display', 'fitting', 'checkout')
  order by run.visit_id, stage, run.entered_at, run.zone_id)
$$;

create or replace function private.write_funnel(store uuid, sessions private.session[])
returns bigint
language sql volatile set search_path = ''
as $$
  with stages as (
    select * from private.stages_of(store, sessions)
    union all
    (select distinct on (visit_id) visit_id, 'engage', zone_id, event_time
     from private.engagements_of(store, sessions)
     order by visit_id, event_time, zone_id)
  ), written as (
    insert into public.funnel_events as old (id, org_id, store_id, visit_id, zone_id, stage,
      event_time, source, created_at)
    select private.uuid_of(concat_ws('|', visit_id, stage)), setting.org_id, store, visit_id,
      zone_id, stage, event_time, 'neuralsense', now()
    from stages cross join private.store_settings(store) setting
    on conflict (visit_id, stage) where source = 'neuralsense' do update set
      zone_id = excluded.zone_id, event_time = excluded.event_time
    where (old.zone_id, old.event_time) is distinct from (excluded.zone_id, excluded.event_time)
  ), surplus as (
    delete from public.funnel_events old using unnest(sessions) s
    where old.visit_id = s.visit_id and old.source = 'neuralsense'
      and not exists (select from stages
        where stages.visit_id = old.visit_id and stages.stage = old.stage)
  )
  select count(*) from stages
$$;

create or replace function private.derive_visits(store uuid, sightings private.sighting[])
returns jsonb
language plpgsql volatile set search_path = ''
as $$
declare
  before uuid[] := array(select id from private.visits_near(store, sightings));
  sessions private.session[] := array(select s from private.sessions_near(store, sightings) s);
  stays bigint;
  stages bigint;
begin
  perform private.delete_visits(array(
    select unnest(before) except select visit_id from unnest(sessions)));
  perform private.write_visits(store, sessions);
  stays := private.write_stays(store, sessions);
  stages := private.write_funnel(store, sessions);
  return jsonb_build_object('visits', cardinality(sessions), 'visit_zone_events', stays,
    'funnel_events', stages);
end $$;
