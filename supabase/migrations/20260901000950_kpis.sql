-- The figures of a dashboard. docs/kpis.md says what each one means.
-- A session is a row of visits; a visit is a session of at least visit_at_least_seconds. Both belong
-- to the period in which they begin. Rows that sensors did not cause are never counted.
-- Each public function checks membership first and then reads as the caller, behind row level
-- security. What must look at closed columns or tables has definer rights, stands in the private
-- schema, checks membership itself and gives away counts and times only.
set local lock_timeout = '5s';

-- SQLSTATE 42501 becomes 403 for a signed-in user (PostgREST).
create or replace function private.require_member(store uuid) returns void
language plpgsql stable set search_path = ''
as $$
begin
  if not exists (select from public.stores s
    where s.id = store and s.org_id in (select private.my_org_ids()))
  then
    raise exception using errcode = '42501', message = 'you are no member of a store with this id';
  end if;
end $$;

create or replace function private.require_range(from_ts timestamptz, to_ts timestamptz) returns void
language plpgsql immutable set search_path = ''
as $$
begin
  if (from_ts <= to_ts) is not true then
    raise exception using errcode = '22023', message = 'from_ts must not be after to_ts';
  end if;
end $$;

-- The API answers with at most 1000 rows; a longer range is refused rather than cut. Infinite days
-- have no distance, and their hours never end.
create or replace function private.require_days(day_from date, day_to date) returns void
language plpgsql immutable set search_path = ''
as $$
begin
  if (isfinite(day_from) and isfinite(day_to)) is not true then
    raise exception using errcode = '22023', message = 'a day must be a day of the calendar';
  end if;
  if day_to - day_from not between 0 and 31 then
    raise exception using errcode = '22023',
      message = 'day_from must not be after day_to, nor more than 31 days before it';
  end if;
end $$;

-- Null is the present instant, like an argument that is left out; no hour lies before infinity.
create or replace function private.require_instant(as_of timestamptz) returns void
language plpgsql immutable set search_path = ''
as $$
begin
  if not isfinite(as_of) then
    raise exception using errcode = '22023', message = 'as_of must be an instant';
  end if;
end $$;

-- The thresholds, each with its default. Keys of stores.settings: visit_at_least_seconds (60),
-- bounce_under_seconds (120), live_window_minutes (10), and, shared with the ingestion,
-- engage_after_seconds. "rows", here and below: a planner that expects 1000 rows compiles for longer
-- than the question takes.
create or replace function private.kpi_settings(store uuid)
returns table (time_zone text, visit_at_least interval, bounce_under interval,
  engage_after double precision, live_window interval)
language sql stable rows 1 set search_path = ''
as $$
  select setting.time_zone,
    make_interval(secs =>
      private.setting_number(s.settings, 'visit_at_least_seconds', 60, 0, 86400)::float8),
    make_interval(secs =>
      private.setting_number(s.settings, 'bounce_under_seconds', 120, 0, 86400)::float8),
    setting.engage_after,
    make_interval(secs =>
      private.setting_number(s.settings, 'live_window_minutes', 10, 0, 1440)::float8 * 60)
  from public.stores s cross join private.store_settings(store) setting
  where s.id = store
$$;

create or replace function private.ratio(part double precision, whole double precision)
returns double precision
language sql immutable parallel safe set search_path = ''
as $$ select coalesce(part / nullif(whole, 0), 0) $$;

create or replace function private.midnight(day date, time_zone text) returns timestamptz
language sql stable parallel safe set search_path = ''
as $$ select day::timestamp at time zone time_zone $$;

-- The hours of the days [day_from, day_to) on the store's wall clock: 23 or 25 where it is changed.
-- date_trunc keeps the offset, so the hour that comes twice is two hours.
create or replace function private.kpi_hours(day_from date, day_to date, time_zone text)
returns setof timestamptz
language sql stable rows 100 set search_path = ''
as $$
  select distinct date_trunc('hour', instant, time_zone)
  from generate_series(private.midnight(day_from, time_zone), private.midnight(day_to, time_zone),
    interval '30 minutes') instant
  where instant < private.midnight(day_to, time_zone)
$$;

create or replace function private.kpi_sessions(store uuid, from_ts timestamptz, to_ts timestamptz)
returns table (visit_id uuid, entry_time timestamptz, seconds double precision, is_visit boolean)
language sql stable set search_path = ''
as $$
  select v.id, v.entry_time, extract(epoch from v.exit_time - v.entry_time)::float8,
    v.exit_time - v.entry_time >= setting.visit_at_least
  from public.visits v cross join private.kpi_settings(store) setting
  where v.source = 'neuralsense' and v.store_id = store
    and v.entry_time >= from_ts and v.entry_time < to_ts
$$;

-- How long each visit was in each zone that it touched.
create or replace function private.kpi_visit_zones(store uuid, from_ts timestamptz, to_ts timestamptz)
returns table (visit_id uuid, is_visit boolean, zone_id uuid, seconds double precision)
language sql stable set search_path = ''
as $$
  select session.visit_id, session.is_visit, stay.zone_id, sum(stay.dwell_seconds)::float8
  from private.kpi_sessions(store, from_ts, to_ts) session
  join public.visit_zone_events stay
    on stay.visit_id = session.visit_id and stay.source = 'neuralsense'
  group by session.visit_id, session.is_visit, stay.zone_id
$$;

-- Only for the two functions below: users can neither call it nor read visitor_id themselves.
create or replace function private.counted_visitors(store uuid, from_ts timestamptz, to_ts timestamptz)
returns table (visitor_id uuid)
language sql stable set search_path = ''
as $$
  select v.visitor_id
  from public.visits v cross join private.kpi_settings(store) setting
  where v.source = 'neuralsense' and v.store_id = store
    and v.entry_time >= from_ts and v.entry_time < to_ts
    and v.exit_time - v.entry_time >= setting.visit_at_least
$$;

-- Definer rights: visitor_id is closed to users, how many there were is not.
create or replace function private.unique_visitors(
  store uuid, from_ts timestamptz, to_ts timestamptz
) returns integer
language plpgsql stable security definer set search_path = ''
as $$
begin
  perform private.require_member(store);
  return (select count(distinct visitor_id) from private.counted_visitors(store, from_ts, to_ts));
end $$;

-- A visitor of the period who had a visit before it.
create or replace function private.returning_visitors(
  store uuid, from_ts timestamptz, to_ts timestamptz
) returns integer
language plpgsql stable security definer set search_path = ''
as $$
begin
  perform private.require_member(store);
  return (
    select count(*)
    from (select distinct visitor_id from private.counted_visitors(store, from_ts, to_ts)) visitor
    cross join private.kpi_settings(store) setting
    where exists (select from public.visits v
      where v.source = 'neuralsense' and v.store_id = store and v.visitor_id = visitor.visitor_id
        and v.entry_time < from_ts and v.exit_time - v.entry_time >= setting.visit_at_least));
end $$;

-- Definer rights: readings are closed to users. Each visitor is where they were seen last, so the
-- zones add up to the store. Read zone by zone, each a short walk along an index.
create or replace function private.visitors_by_zone(store uuid, from_ts timestamptz, to_ts timestamptz)
returns table (zone_id uuid, visitors integer)
language plpgsql stable security definer rows 20 set search_path = ''
as $$
begin
  perform private.require_member(store);
  return query
    select latest.zone_id, count(*)::integer
    from (
      select distinct on (e.hashed_mac) zone.id as zone_id
      from public.zones_dim zone
      cross join lateral (
        select z.hashed_mac, z.event_time
        from public.zone_events z
        where z.zone_id = zone.id and z.store_id = store and z.reading_key is not null
          and z.event_time > from_ts and z.event_time <= to_ts
        offset 0) e
      where zone.store_id = store
      order by e.hashed_mac, e.event_time desc, zone.id) latest
    group by latest.zone_id;
end $$;

create or replace function private.last_reading_at(store uuid) returns timestamptz
language plpgsql stable security definer set search_path = ''
as $$
begin
  perform private.require_member(store);
  return (
    select max(e.event_time)
    from public.zones_dim zone
    cross join lateral (
      select z.event_time
      from public.zone_events z
      where z.zone_id = zone.id and z.store_id = store and z.reading_key is not null
      order by z.event_time desc
      limit 1) e
    where zone.store_id = store);
end $$;

create or replace function private.kpi_overview(store uuid, from_ts timestamptz, to_ts timestamptz)
returns table (sessions integer, footfall integer, unique_visitors integer,
  mean_dwell_seconds double precision, median_dwell_seconds double precision,
  bounces integer, bounce_rate double precision,
  engaged integer, engagement_rate double precision,
  peak_hour integer, peak_hour_footfall integer, estimates text[])
language sql stable rows 1 set search_path = ''
as $$
  with session as (
    select * from private.kpi_sessions(store, from_ts, to_ts)
  ), beyond_the_entrance as (
    select stay.visit_id, max(stay.seconds) as longest
    from private.kpi_visit_zones(store, from_ts, to_ts) stay
    join public.zones_dim zone on zone.id = stay.zone_id
    where zone.zone_type is distinct from 'entrance'
    group by stay.visit_id
  ), judged as (
    select session.*,
      make_interval(secs => session.seconds) < setting.bounce_under or inside.visit_id is null
        as bounced,
      session.is_visit and inside.longest >= setting.engage_after as engaged
    from session
    cross join private.kpi_settings(store) setting
    left join beyond_the_entrance inside on inside.visit_id = session.visit_id
  ), summary as (
    select count(*)::integer as sessions,
      (count(*) filter (where is_visit))::integer as footfall,
      (count(*) filter (where bounced))::integer as bounces,
      (count(*) filter (where engaged))::integer as engaged,
      coalesce(avg(seconds) filter (where is_visit), 0) as mean_seconds,
      coalesce(percentile_cont(0.5) within group (order by seconds) filter (where is_visit), 0)
        as median_seconds
    from judged
  ), peak as (
    select extract(hour from entry_time at time zone setting.time_zone)::integer as hour,
      count(*)::integer as footfall
    from session cross join private.kpi_settings(store) setting
    where is_visit
    group by 1
    order by footfall desc, hour
    limit 1
  )
  select s.sessions, s.footfall, private.unique_visitors(store, from_ts, to_ts),
    s.mean_seconds, s.median_seconds,
    s.bounces, private.ratio(s.bounces, s.sessions),
    s.engaged, private.ratio(s.engaged, s.footfall),
    peak.hour, coalesce(peak.footfall, 0), array['unique_visitors']
  from summary s left join peak on true
$$;

-- What the page says next to a figure.
create or replace function public.kpi_thresholds(store_id uuid)
returns table (time_zone text, visit_at_least_seconds double precision,
  bounce_under_seconds double precision, engage_after_seconds double precision,
  live_window_minutes double precision)
language sql stable security invoker set search_path = ''
as $$
  select private.require_member(kpi_thresholds.store_id);
  select setting.time_zone, extract(epoch from setting.visit_at_least)::float8,
    extract(epoch from setting.bounce_under)::float8, setting.engage_after,
    extract(epoch from setting.live_window)::float8 / 60
  from private.kpi_settings(kpi_thresholds.store_id) setting;
$$;

create or replace function public.kpi_overview(
  store_id uuid, from_ts timestamptz, to_ts timestamptz
) returns table (sessions integer, footfall integer, unique_visitors integer,
  mean_dwell_seconds double precision, median_dwell_seconds double precision,
  bounces integer, bounce_rate double precision,
  engaged integer, engagement_rate double precision,
  peak_hour integer, peak_hour_footfall integer, estimates text[])
language sql stable security invoker set search_path = ''
as $$
  select private.require_member(kpi_overview.store_id);
  select private.require_range(from_ts, to_ts);
  select * from private.kpi_overview(kpi_overview.store_id, from_ts, to_ts);
$$;

create or replace function public.kpi_visitors(
  store_id uuid, from_ts timestamptz, to_ts timestamptz
) returns table (unique_visitors integer, new_visitors integer, returning_visitors integer,
  estimates text[])
language sql stable security invoker set search_path = ''
as $$
  select private.require_member(kpi_visitors.store_id);
  select private.require_range(from_ts, to_ts);
  select everybody.n, everybody.n - again.n, again.n,
    array['unique_visitors', 'new_visitors', 'returning_visitors']
  from private.unique_visitors(kpi_visitors.store_id, from_ts, to_ts) everybody (n)
  cross join private.returning_visitors(kpi_visitors.store_id, from_ts, to_ts) again (n);
$$;

-- A day against the same weekday before. A day that is still going on ends at as_of, and the day
-- before it at the same time of day.
create or replace function public.kpi_compare(
  store_id uuid, on_day date default null, as_of timestamptz default now()
) returns table (period text, day date, from_ts timestamptz, to_ts timestamptz,
  sessions integer, footfall integer, unique_visitors integer,
  mean_dwell_seconds double precision, median_dwell_seconds double precision,
  bounces integer, bounce_rate double precision,
  engaged integer, engagement_rate double precision,
  peak_hour integer, peak_hour_footfall integer, estimates text[])
language sql stable security invoker set search_path = ''
as $$
  select private.require_member(kpi_compare.store_id);
  select private.require_instant(as_of);
  select private.require_days(on_day, on_day) where on_day is not null;
  with latest as (
    select setting.time_zone, now_there.at,
      coalesce(on_day, now_there.at::date) as day
    from private.kpi_settings(kpi_compare.store_id) setting
    cross join lateral (select coalesce(as_of, now()) at time zone setting.time_zone) now_there (at)
  ), cut as (
    select l.*, least(greatest(l.at, l.day::timestamp), (l.day + 1)::timestamp) as until
    from latest l
  )
  select period.name, cut.day - period.days, span.*, kpi.*
  from cut
  cross join (values ('day', 0), ('same_weekday_before', 7)) period (name, days)
  cross join lateral (select
    private.midnight(cut.day - period.days, cut.time_zone) as from_ts,
    (cut.until - make_interval(days => period.days)) at time zone cut.time_zone as to_ts) span
  cross join lateral private.kpi_overview(kpi_compare.store_id, span.from_ts, span.to_ts) kpi
  order by period.days;
$$;

create or replace function public.kpi_hourly(store_id uuid, day_from date, day_to date)
returns table (hour_start timestamptz, day date, hour integer, footfall integer,
  mean_dwell_seconds double precision)
language sql stable security invoker set search_path = ''
as $$
  select private.require_member(kpi_hourly.store_id);
  select private.require_days(day_from, day_to);
  with visits as (
    select date_trunc('hour', session.entry_time, setting.time_zone) as hour_start, session.seconds
    from private.kpi_settings(kpi_hourly.store_id) setting
    cross join lateral private.kpi_sessions(kpi_hourly.store_id,
      private.midnight(day_from, setting.time_zone),
      private.midnight(day_to, setting.time_zone)) session
    where session.is_visit
  )
  select hours.start, (hours.start at time zone setting.time_zone)::date,
    extract(hour from hours.start at time zone setting.time_zone)::integer,
    count(visits.seconds)::integer, coalesce(avg(visits.seconds), 0)
  from private.kpi_settings(kpi_hourly.store_id) setting
  cross join lateral private.kpi_hours(day_from, day_to, setting.time_zone) hours (start)
  left join visits on visits.hour_start = hours.start
  group by hours.start, setting.time_zone
  order by hours.start;
$$;

-- A zone that is no longer in use is listed as long as the period has visits to it.
create or replace function public.kpi_zones(store_id uuid, from_ts timestamptz, to_ts timestamptz)
returns table (zone_id uuid, zone_code text, zone_name text, zone_type text, visits integer,
  entrants integer, reach double precision, total_dwell_seconds double precision,
  mean_dwell_seconds double precision)
language sql stable security invoker set search_path = ''
as $$
  select private.require_member(kpi_zones.store_id);
  select private.require_range(from_ts, to_ts);
  with entered as (
    select stay.zone_id, count(*)::integer as entrants, sum(stay.seconds) as seconds
    from private.kpi_visit_zones(kpi_zones.store_id, from_ts, to_ts) stay
    where stay.is_visit
    group by stay.zone_id
  ), everything as (
    select count(*)::integer as visits
    from private.kpi_sessions(kpi_zones.store_id, from_ts, to_ts) session
    where session.is_visit
  )
  select zone.id, zone.zone_code, zone.zone_name, zone.zone_type, everything.visits,
    coalesce(entered.entrants, 0), private.ratio(entered.entrants, everything.visits),
    coalesce(entered.seconds, 0), private.ratio(entered.seconds, entered.entrants)
  from public.zones_dim zone
  cross join everything
  left join entered on entered.zone_id = zone.id
  where zone.store_id = kpi_zones.store_id
    and (zone.is_active is not false or entered.zone_id is not null)
  order by length(zone.zone_code), zone.zone_code;
$$;

create or replace function private.require_zone(store uuid, zone_id uuid) returns void
language plpgsql stable set search_path = ''
as $$
begin
  if not exists (select from public.zones_dim zone
    where zone.id = require_zone.zone_id and zone.store_id = store)
  then
    raise exception using errcode = 'PT404', message = 'this store has no such zone';
  end if;
end $$;

-- Here a stay belongs to the hour in which it begins, also in a visit that began the day before: a
-- visit lasts no longer than a day, so one more day is looked through.
create or replace function public.kpi_zone_hours(store_id uuid, zone_id uuid, day date)
returns table (hour_start timestamptz, hour integer, entrants integer,
  total_dwell_seconds double precision, mean_dwell_seconds double precision)
language sql stable security invoker set search_path = ''
as $$
  select private.require_member(kpi_zone_hours.store_id);
  select private.require_days(day, day + 1);
  select private.require_zone(kpi_zone_hours.store_id, kpi_zone_hours.zone_id);
  with bounds as (
    select setting.time_zone, private.midnight(kpi_zone_hours.day, setting.time_zone) as from_ts,
      private.midnight(kpi_zone_hours.day + 1, setting.time_zone) as to_ts
    from private.kpi_settings(kpi_zone_hours.store_id) setting
  ), stays as (
    select stay.visit_id, date_trunc('hour', stay.entered_at, bounds.time_zone) as hour_start,
      stay.dwell_seconds
    from bounds
    cross join lateral private.kpi_sessions(
      kpi_zone_hours.store_id, bounds.from_ts - interval '25 hours', bounds.to_ts) session
    join public.visit_zone_events stay
      on stay.visit_id = session.visit_id and stay.source = 'neuralsense'
    where session.is_visit and stay.zone_id = kpi_zone_hours.zone_id
      and stay.entered_at >= bounds.from_ts and stay.entered_at < bounds.to_ts
  ), totals as (
    select hour_start, count(distinct visit_id)::integer as entrants,
      sum(dwell_seconds)::float8 as seconds
    from stays
    group by hour_start
  )
  select hours.start, extract(hour from hours.start at time zone bounds.time_zone)::integer,
    coalesce(totals.entrants, 0), coalesce(totals.seconds, 0),
    private.ratio(totals.seconds, totals.entrants)
  from bounds
  cross join lateral private.kpi_hours(
    kpi_zone_hours.day, kpi_zone_hours.day + 1, bounds.time_zone) hours (start)
  left join totals on totals.hour_start = hours.start
  order by hours.start;
$$;

create or replace function public.kpi_funnel(store_id uuid, from_ts timestamptz, to_ts timestamptz)
returns table (step integer, stage text, visits integer, share_of_enter double precision)
language sql stable security invoker set search_path = ''
as $$
  select private.require_member(kpi_funnel.store_id);
  select private.require_range(from_ts, to_ts);
  with reached as (
    select event.stage, count(*)::integer as visits
    from private.kpi_sessions(kpi_funnel.store_id, from_ts, to_ts) session
    join public.funnel_events event
      on event.visit_id = session.visit_id and event.source = 'neuralsense'
    where session.is_visit
    group by event.stage
  )
  select stages.step::integer, stages.stage, coalesce(reached.visits, 0),
    private.ratio(reached.visits, first_value(reached.visits) over (order by stages.step))
  from unnest(array['enter', 'browse', 'engage', 'checkout']) with ordinality stages (stage, step)
  left join reached on reached.stage = stages.stage
  order by stages.step;
$$;

create or replace function public.kpi_visit_lengths(
  store_id uuid, from_ts timestamptz, to_ts timestamptz
) returns table (at_least_seconds integer, under_seconds integer, sessions integer, visits integer)
language sql stable security invoker set search_path = ''
as $$
  select private.require_member(kpi_visit_lengths.store_id);
  select private.require_range(from_ts, to_ts);
  select bin.low, bin.high, count(session.visit_id)::integer,
    (count(*) filter (where session.is_visit))::integer
  from (values (0, 60), (60, 120), (120, 300), (300, 600), (600, 1200), (1200, 1800),
    (1800, 3600), (3600, null)) bin (low, high)
  left join private.kpi_sessions(kpi_visit_lengths.store_id, from_ts, to_ts) session
    on session.seconds >= bin.low and session.seconds < coalesce(bin.high, 'infinity'::float8)
  group by bin.low, bin.high
  order by bin.low;
$$;

-- all_moves is the number of moves in the whole period, so that a list cut by the caller, or at the
-- API's 1000 rows, shows what it lacks.
create or replace function public.kpi_paths(store_id uuid, from_ts timestamptz, to_ts timestamptz)
returns table (from_zone_id uuid, from_zone_code text, from_zone_name text,
  to_zone_id uuid, to_zone_code text, to_zone_name text,
  moves integer, visits integer, all_moves integer)
language sql stable security invoker set search_path = ''
as $$
  select private.require_member(kpi_paths.store_id);
  select private.require_range(from_ts, to_ts);
  with steps as (
    select stay.visit_id, stay.zone_id as here,
      lead(stay.zone_id) over (partition by stay.visit_id order by stay.sequence) as next
    from private.kpi_sessions(kpi_paths.store_id, from_ts, to_ts) session
    join public.visit_zone_events stay
      on stay.visit_id = session.visit_id and stay.source = 'neuralsense'
    where session.is_visit
  ), pairs as (
    select here, next, count(*)::integer as moves, count(distinct visit_id)::integer as visits
    from steps
    where here <> next
    group by here, next
  )
  select here.id, here.zone_code, here.zone_name, there.id, there.zone_code, there.zone_name,
    pairs.moves, pairs.visits, (sum(pairs.moves) over ())::integer
  from pairs
  join public.zones_dim here on here.id = pairs.here
  join public.zones_dim there on there.id = pairs.next
  order by pairs.moves desc, length(here.zone_code), here.zone_code, length(there.zone_code),
    there.zone_code;
$$;

-- One row for the store (zone_id null), then one for each zone: they add up to the store.
create or replace function public.kpi_occupancy(store_id uuid, as_of timestamptz default now())
returns table (scope text, zone_id uuid, zone_code text, zone_name text, zone_type text,
  visitors integer)
language sql stable security invoker set search_path = ''
as $$
  select private.require_member(kpi_occupancy.store_id);
  select private.require_instant(as_of);
  with live as (
    select seen.*
    from private.kpi_settings(kpi_occupancy.store_id) setting
    cross join (select coalesce(as_of, now())) present (at)
    cross join lateral private.visitors_by_zone(
      kpi_occupancy.store_id, present.at - setting.live_window, present.at) seen
  )
  select place.*
  from (
    select 'store', null::uuid, null::text, null::text, null::text,
      coalesce(sum(live.visitors), 0)::integer
    from live
    union all
    select 'zone', zone.id, zone.zone_code, zone.zone_name, zone.zone_type,
      coalesce(live.visitors, 0)
    from public.zones_dim zone left join live on live.zone_id = zone.id
    where zone.store_id = kpi_occupancy.store_id
      and (zone.is_active is not false or live.visitors is not null)
  ) place (scope, zone_id, zone_code, zone_name, zone_type, visitors)
  order by place.scope, length(place.zone_code), place.zone_code;
$$;

-- What the ingestion says of a store's runs. A message may quote what was sent; a hash is masked.
create or replace function public.ingest_runs(store_id uuid, max_runs integer default 20)
returns table (run_id uuid, status text, started_at timestamptz, completed_at timestamptz,
  latency_ms double precision, readings integer, zone_events integer, visits integer,
  rejected integer, error_code text, error_message text)
language sql stable security invoker set search_path = ''
as $$
  select private.require_member(ingest_runs.store_id);
  select run.id, run.status, run.started_at::timestamptz, run.completed_at::timestamptz,
    extract(epoch from run.completed_at - run.started_at)::float8 * 1000,
    coalesce((run.counters ->> 'readings')::integer, 0),
    coalesce((run.counters ->> 'zone_events')::integer, 0),
    coalesce((run.counters ->> 'visits')::integer, 0),
    coalesce((run.counters ->> 'rejected')::integer, 0),
    run.error_code, regexp_replace(run.error_message, '[0-9a-fA-F]{64}', '<hash>', 'g')
  from public.etl_runs run
  where run.store_id = ingest_runs.store_id and run.etl_function = 'process-neuralsense-data'
  order by run.started_at desc
  limit coalesce(max_runs, 20);
$$;

-- Of the hour before as_of; the times and statuses are the latest ever, null where nothing came yet.
create or replace function public.ingest_health(store_id uuid, as_of timestamptz default now())
returns table (last_run_at timestamptz, last_run_status text, last_success_at timestamptz,
  seconds_since_success double precision, last_reading_at timestamptz,
  runs integer, failed_runs integer, readings integer, zone_events integer, rejected integer,
  median_latency_ms double precision, max_latency_ms double precision)
language sql stable security invoker set search_path = ''
as $$
  select private.require_member(ingest_health.store_id);
  select private.require_instant(as_of);
  with ours as not materialized (
    select run.status, run.started_at, run.completed_at, run.counters,
      extract(epoch from run.completed_at - run.started_at)::float8 * 1000 as latency_ms
    from public.etl_runs run
    where run.store_id = ingest_health.store_id and run.etl_function = 'process-neuralsense-data'
      and run.started_at <= coalesce(as_of, now())
  ), latest as (
    select status, started_at from ours order by started_at desc limit 1
  ), success as (
    select completed_at from ours where status = 'completed' order by started_at desc limit 1
  ), recent as (
    select count(*)::integer as runs,
      (count(*) filter (where status = 'failed'))::integer as failed_runs,
      coalesce(sum((counters ->> 'readings')::integer), 0)::integer as readings,
      coalesce(sum((counters ->> 'zone_events')::integer), 0)::integer as zone_events,
      coalesce(sum((counters ->> 'rejected')::integer), 0)::integer as rejected,
      coalesce(percentile_cont(0.5) within group (order by latency_ms), 0) as median_latency_ms,
      coalesce(max(latency_ms), 0) as max_latency_ms
    from ours
    where started_at > coalesce(as_of, now()) - interval '1 hour'
  )
  select latest.started_at::timestamptz, latest.status, success.completed_at::timestamptz,
    extract(epoch from coalesce(as_of, now()) - success.completed_at)::float8,
    private.last_reading_at(ingest_health.store_id), recent.*
  from recent left join latest on true left join success on true;
$$;

-- Row level security, or a membership check of their own, stands behind each of these.
revoke all on all functions in schema private from public, anon;
grant execute on function
  private.require_member(uuid), private.require_range(timestamptz, timestamptz),
  private.require_days(date, date), private.require_instant(timestamptz),
  private.require_zone(uuid, uuid),
  private.setting_number(jsonb, text, numeric, numeric, numeric), private.known_time_zone(text),
  private.store_settings(uuid), private.kpi_settings(uuid),
  private.ratio(double precision, double precision), private.midnight(date, text),
  private.kpi_hours(date, date, text),
  private.kpi_sessions(uuid, timestamptz, timestamptz),
  private.kpi_visit_zones(uuid, timestamptz, timestamptz),
  private.unique_visitors(uuid, timestamptz, timestamptz),
  private.returning_visitors(uuid, timestamptz, timestamptz),
  private.visitors_by_zone(uuid, timestamptz, timestamptz),
  private.last_reading_at(uuid),
  private.kpi_overview(uuid, timestamptz, timestamptz)
  to authenticated;

revoke all on function
  public.kpi_thresholds(uuid),
  public.kpi_overview(uuid, timestamptz, timestamptz),
  public.kpi_visitors(uuid, timestamptz, timestamptz),
  public.kpi_compare(uuid, date, timestamptz),
  public.kpi_hourly(uuid, date, date),
  public.kpi_zones(uuid, timestamptz, timestamptz),
  public.kpi_zone_hours(uuid, uuid, date),
  public.kpi_funnel(uuid, timestamptz, timestamptz),
  public.kpi_visit_lengths(uuid, timestamptz, timestamptz),
  public.kpi_paths(uuid, timestamptz, timestamptz),
  public.kpi_occupancy(uuid, timestamptz),
  public.ingest_runs(uuid, integer),
  public.ingest_health(uuid, timestamptz)
  from public, anon, service_role;
grant execute on function
  public.kpi_thresholds(uuid),
  public.kpi_overview(uuid, timestamptz, timestamptz),
  public.kpi_visitors(uuid, timestamptz, timestamptz),
  public.kpi_compare(uuid, date, timestamptz),
  public.kpi_hourly(uuid, date, date),
  public.kpi_zones(uuid, timestamptz, timestamptz),
  public.kpi_zone_hours(uuid, uuid, date),
  public.kpi_funnel(uuid, timestamptz, timestamptz),
  public.kpi_visit_lengths(uuid, timestamptz, timestamptz),
  public.kpi_paths(uuid, timestamptz, timestamptz),
  public.kpi_occupancy(uuid, timestamptz),
  public.ingest_runs(uuid, integer),
  public.ingest_health(uuid, timestamptz)
  to authenticated;
