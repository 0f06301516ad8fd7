-- Visits, derived from zone_events. What is derived is a function of the stored rows alone, so the
-- order in which they came, the batches they came in and how often they came leave no trace.
-- A visitor's news usually come after all that is known of the visitor: then the latest visit is
-- carried on from where it stands, at a cost that does not depend on how long it is. News that come
-- late have the visits around them derived from the first event again.

do $$
begin
  -- A visitor was heard, or a stay began, at this instant.
  if to_regtype('private.sighting') is null then
    create type private.sighting as (hashed_mac text, seen_at timestamptz);
  end if;
  -- known_until: up to this instant, included, the tables already say what the events say; null
  -- where nothing that they say is relied upon. Then the first "kept" stays may be kept, those that
  -- begin before "since".
  if to_regtype('private.session') is null then
    create type private.session as (visit_id uuid, hashed_mac text, entry_time timestamptz,
      exit_time timestamptz, zones uuid[], known_until timestamptz, since timestamptz, kept integer);
  end if;
end $$;

-- Settings are written by hand. One that is no number, or none that makes sense, counts as not set:
-- else one slip of a pen would fail every batch and every figure of the store.
create or replace function private.setting_number(settings jsonb, key text, fallback numeric,
  at_least numeric, at_most numeric)
returns numeric
language sql immutable parallel safe set search_path = ''
as $$
  select coalesce((
    select round(given.number, 9)
    from (select case when jsonb_typeof(settings -> key) = 'number'
      then (settings ->> key)::numeric end) given (number)
    where given.number between at_least and at_most), fallback)
$$;

-- A time zone that this server does not know reads as UTC.
create or replace function private.known_time_zone(written text) returns text
language plpgsql stable set search_path = ''
as $$
begin
  perform now() at time zone written;
  return coalesce(written, 'UTC');
exception when data_exception then
  return 'UTC';
end $$;

-- A visit ends where the store's day begins, by default at four in the morning: else a phone that
-- never leaves would be one endless visit, and each of its readings would cost more than the last.
create or replace function private.store_settings(store uuid)
returns table (org_id uuid, time_zone text, session_gap interval, day_starts_at interval,
  engage_after double precision, system_user_id text)
language sql stable set search_path = ''
as $$
  select s.org_id, private.known_time_zone(s.time_zone),
    make_interval(secs =>
      private.setting_number(s.settings, 'session_gap_minutes', 15, 0, 1440)::float8 * 60),
    make_interval(secs =>
      private.setting_number(s.settings, 'day_starts_at_hour', 4, 0, 24)::float8 * 3600),
    private.setting_number(s.settings, 'engage_after_seconds', 60, 0, 86400)::float8,
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

create or replace function private.latest_visits(store uuid, sightings private.sighting[])
returns setof private.session
language sql stable set search_path = ''
as $$
  select latest.id, visitor.hashed_mac, latest.entry_time, latest.exit_time,
    array(select jsonb_array_elements_text(to_jsonb(latest.zones_visited))::uuid), latest.exit_time,
    null::timestamptz, null::integer
  from (select distinct hashed_mac from unnest(sightings)) seen
  cross join lateral (
    select seen.hashed_mac, private.visitor_id(store, seen.hashed_mac) as id offset 0) visitor
  cross join lateral (
    select v.id, v.entry_time, v.exit_time, v.zones_visited
    from public.visits v
    where v.source = 'neuralsense' and v.visitor_id = visitor.id
    order by v.entry_time desc
    limit 1) latest
$$;

-- Readings are late if they are not after the visitor's latest visit, dwells if they begin before it.
create or replace function private.late_visitors(latest private.session[],
  heard private.sighting[], stayed private.sighting[])
returns setof text
language sql immutable set search_path = ''
as $$
  select visit.hashed_mac
  from unnest(latest) visit join unnest(heard) reading using (hashed_mac)
  where reading.seen_at <= visit.known_until
  union
  select visit.hashed_mac
  from unnest(latest) visit join unnest(stayed) dwell using (hashed_mac)
  where dwell.seen_at < visit.entry_time
$$;

-- The spans of time whose events decide about the visits of a batch. For visitors who are not late,
-- all that is not known yet; for the others the visits near the news and the news themselves.
create or replace function private.spans_of(store uuid, heard private.sighting[],
  stayed private.sighting[])
returns setof private.session
language plpgsql stable set search_path = ''
as $$
declare
  latest constant private.session[] :=
    array(select l from private.latest_visits(store, heard || stayed) l);
  late constant text[] := array(select private.late_visitors(latest, heard, stayed));
  late_news constant private.sighting[] := array(
    select n from unnest(heard || stayed) n where n.hashed_mac = any (late));
begin
  return query
    select l.visit_id, news.hashed_mac, coalesce(l.entry_time, '-infinity'), 'infinity'::timestamptz,
      l.zones, l.known_until, l.since, l.kept
    from (select distinct n.hashed_mac from unnest(heard || stayed) n) news
    left join unnest(latest) l using (hashed_mac)
    where news.hashed_mac <> all (late)
    union all
    select near.id, near.hashed_mac, near.entry_time, near.exit_time, null, null, null, null
    from private.visits_near(store, late_news) near
    union all
    select null, news.hashed_mac, news.seen_at, news.seen_at, null, null, null, null
    from unnest(late_news) news;
end $$;

-- A visitor's events in spans of time, less those that are known. "offset 0" keeps this a look-up
-- by index for each span: joined freely, the planner would sooner or later read all history instead.
create or replace function private.events_in(store uuid, spans private.session[])
returns table (visit_id uuid, hashed_mac text, event_time timestamptz, zone_id uuid,
  known_until timestamptz)
language sql stable set search_path = ''
as $$
  select distinct span.visit_id, span.hashed_mac, e.event_time, e.zone_id, span.known_until
  from unnest(spans) span
  cross join lateral (
    select z.event_time, z.zone_id
    from public.zone_events z
    where z.store_id = store and z.hashed_mac = span.hashed_mac and z.reading_key is not null
      and z.event_time >= coalesce(span.known_until, span.entry_time)
      and z.event_time <= span.exit_time
    offset 0) e
  where span.known_until is null or e.event_time > span.known_until
$$;

-- Gaps and islands: a session begins where a visitor had been silent for longer than the gap. What
-- comes before the first beginning (number 0) carries on the visit that is known.
create or replace function private.islands_in(store uuid, spans private.session[])
returns table (hashed_mac text, number bigint, entry_time timestamptz, exit_time timestamptz,
  zones uuid[])
language sql stable set search_path = ''
as $$
  with events as (
    select distinct hashed_mac, event_time, zone_id, known_until
    from private.events_in(store, spans)
  ), heard as (
    select *, lag(event_time, 1, known_until)
      over (partition by hashed_mac order by event_time, zone_id) as before
    from events
  ), numbered as (
    select h.*, count(*) filter (where before is null or event_time - before > s.session_gap
        or ((event_time at time zone s.time_zone) - s.day_starts_at)::date
          <> ((before at time zone s.time_zone) - s.day_starts_at)::date)
      over (partition by hashed_mac order by event_time, zone_id) as number
    from heard h cross join private.store_settings(store) s
  ), zones as (
    select hashed_mac, number, zone_id, min(event_time) as first_at, max(event_time) as last_at
    from numbered
    group by hashed_mac, number, zone_id
  )
  select hashed_mac, number, min(first_at), max(last_at), array_agg(zone_id order by first_at, zone_id)
  from zones
  group by hashed_mac, number
$$;

-- The visits of those spans as they are to be: new ones, carried on ones, and those that are known
-- and in which a stay began.
create or replace function private.sessions_in(store uuid, spans private.session[],
  stayed private.sighting[])
returns setof private.session
language sql stable set search_path = ''
as $$
  with islands as (
    select * from private.islands_in(store, spans)
  )
  select private.uuid_of(concat_ws('|', store, hashed_mac, extract(epoch from entry_time))),
    hashed_mac, entry_time, exit_time, zones, null::timestamptz, null::timestamptz, null::integer
  from islands
  where number > 0
  union all
  select known.visit_id, known.hashed_mac, known.entry_time,
    coalesce(island.exit_time, known.known_until),
    known.zones || array(
      select zone from unnest(island.zones) with ordinality new (zone, place)
      where zone <> all (known.zones) order by place),
    known.known_until, null, null
  from unnest(spans) known
  left join islands island on island.hashed_mac = known.hashed_mac and island.number = 0
  where known.known_until is not null and (island.hashed_mac is not null or exists (
    select from unnest(stayed) stay
    where stay.hashed_mac = known.hashed_mac and stay.seen_at <= known.known_until))
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
