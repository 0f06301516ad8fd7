-- The figures of a dashboard. docs/kpis.md says what each one means.
-- A session is a row of visits; a visit is a session of at least visit_at_least_seconds. Both belong
-- to the period in which they begin. Rows that sensors did not cause are never counted.
-- Public functions have their caller's rights. What they count with stands in the private schema, has
-- definer rights, checks membership itself before anything else, and gives away counts and times only:
-- so members need no right on any table, whoever made it.
set local lock_timeout = '5s';

-- SQLSTATE 42501 becomes 403 for a signed-in user (PostgREST).
create or replace function private.require_member(store uuid) returns void
language plpgsql stable security definer set search_path = ''
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

create or replace function private.ratio(part double precision, whole double precision)
returns double precision
language sql immutable parallel safe set search_path = ''
as $$ select coalesce(part / nullif(whole, 0), 0) $$;

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

create or replace function private.member_settings(store uuid)
returns table (time_zone text, visit_at_least interval, bounce_under interval,
  engage_after double precision, live_window interval)
language plpgsql stable security definer rows 1 set search_path = ''
as $$
begin
  perform private.require_member(store);
  return query select * from private.kpi_settings(store);
end $$;

create or replace function private.member_zones(store uuid)
returns table (id uuid, zone_code text, zone_name text, zone_type text, is_active boolean)
language plpgsql stable security definer rows 20 set search_path = ''
as $$
begin
  perform private.require_member(store);
  return query
    select z.id, z.zone_code::text, z.zone_name::text, z.zone_type::text, z.is_active is not false
    from public.zones_dim z where z.store_id = store;
end $$;

create or replace function private.member_figures(store uuid, wanted text, from_ts timestamptz,
  to_ts timestamptz)
returns table (at timestamptz, key text, n bigint, m bigint, micros bigint)
language plpgsql stable security definer rows 100 set search_path = ''
as $$
begin
  perform private.require_member(store);
  return query select * from private.figures_in(store, wanted,
    private.period_of(store, wanted, from_ts, to_ts));
end $$;

create or replace function private.member_totals(store uuid, wanted text, from_ts timestamptz,
  to_ts timestamptz)
returns table (key text, n bigint, m bigint, micros bigint)
language plpgsql stable security definer rows 20 set search_path = ''
as $$
begin
  perform private.require_member(store);
  return query select total.key, total.n, total.m, total.micros
    from private.totals_in(store, array[wanted],
      private.period_of(store, wanted, from_ts, to_ts)) total;
end $$;

create or replace function private.member_visitors(store uuid, from_ts timestamptz,
  to_ts timestamptz)
returns table (visitors integer, new_visitors integer)
language plpgsql stable security definer rows 1 set search_path = ''
as $$
begin
  perform private.require_member(store);
  return query select * from private.visitors_in(store,
    private.period_of(store, 'return', from_ts, to_ts));
end $$;

-- By hour. A stay belongs to the hour in which it begins, also in a visit that began the day before:
-- no visit lasts longer than a day of 25 hours.
create or replace function private.member_zone_hours(store uuid, zone uuid, from_ts timestamptz,
  to_ts timestamptz)
returns table (hour_start timestamptz, entrants integer, seconds double precision)
language plpgsql stable security definer rows 24 set search_path = ''
as $$
begin
  perform private.require_member(store);
  return query
    select date_trunc('hour', stay.entered_at, setting.time_zone),
      count(distinct visit.visit_id)::integer, sum(stay.dwell_seconds)::float8
    from private.kpi_settings(store) setting
    cross join lateral private.spans_between(store, from_ts - interval '25 hours', to_ts) visit
    cross join lateral (
      select z.entered_at, z.dwell_seconds
      from public.visit_zone_events z
      where z.visit_id = visit.visit_id and z.zone_id = zone and z.source = 'neuralsense'
      offset 0) stay
    where visit.exit_time - visit.entry_time >= setting.visit_at_least
      and stay.entered_at >= from_ts and stay.entered_at < to_ts
    group by 1;
end $$;

-- Each visitor is where they were seen last, so the zones add up to the store; passers-by, who were
-- heard as bursts only, and residents are none. Read zone by zone, each a short walk along an index.
create or replace function private.visitors_by_zone(store uuid, from_ts timestamptz, to_ts timestamptz)
returns table (zone_id uuid, visitors integer)
language plpgsql stable security definer rows 20 set search_path = ''
as $$
begin
  perform private.require_member(store);
  return query
    select latest.zone_id, count(*)::integer
    from (
      select (array_agg(zone.id order by e.event_time desc, zone.id))[1] as zone_id
      from public.zones_dim zone
      cross join lateral (
        select z.hashed_mac, z.event_time, private.class_rank(z.device_class) as rank
        from public.zone_events z
        where z.zone_id = zone.id and z.store_id = store and z.reading_key is not null
          and z.event_time > from_ts and z.event_time <= to_ts
        offset 0) e
      where zone.store_id = store
      group by e.hashed_mac
      having max(e.rank) between 3 and 6) latest
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

-- All at once, for whole days and the visits at the ends are the same for all but the hours.
create or replace function private.member_overview(store uuid, from_ts timestamptz,
  to_ts timestamptz)
returns table (sessions integer, footfall integer, unique_visitors integer,
  mean_dwell_seconds double precision, median_dwell_seconds double precision,
  bounces integer, bounce_rate double precision,
  engaged integer, engagement_rate double precision,
  peak_hour integer, peak_hour_footfall integer, estimates text[])
language plpgsql stable security definer rows 1 set search_path = ''
as $$
#variable_conflict use_column
declare
  days private.period;
begin
  perform private.require_member(store);
  days := private.period_of(store, 'outcome', from_ts, to_ts);
  return query
    with hour as (
      select f.key::integer as hour, f.n as sessions, f.m::integer as visits, f.micros
      from private.totals_in(store, '{quarter}',
        private.period_of(store, 'quarter', from_ts, to_ts)) f
    ), total as (
      select coalesce(sum(sessions), 0)::integer as sessions,
        coalesce(sum(visits), 0)::integer as visits,
        coalesce(sum(micros), 0)::float8 / 1000000 as seconds
      from hour
    ), peak as (
      select hour, visits from hour where visits > 0 order by visits desc, hour limit 1
    ), outcome as (
      select coalesce(sum(f.n) filter (where f.key = 'bounce'), 0)::integer as bounces,
        coalesce(sum(f.n) filter (where f.key = 'engaged'), 0)::integer as engaged,
        jsonb_object_agg(f.key, f.m) filter (where f.measure = 'length') as lengths
      from private.totals_in(store, '{outcome,length}', days) f
    )
    select total.sessions, total.visits, everybody.visitors,
      private.ratio(total.seconds, total.visits),
      private.median_length_in(store, from_ts, to_ts, outcome.lengths),
      outcome.bounces, private.ratio(outcome.bounces, total.sessions),
      outcome.engaged, private.ratio(outcome.engaged, total.visits),
      peak.hour, coalesce(peak.visits, 0), array['unique_visitors']
    from total cross join outcome
    cross join private.visitors_in(store, days) everybody
    left join peak on true;
end $$;

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
  from private.member_settings(kpi_thresholds.store_id) setting;
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
  select * from private.member_overview(kpi_overview.store_id, from_ts, to_ts);
$$;

create or replace function public.kpi_visitors(
  store_id uuid, from_ts timestamptz, to_ts timestamptz
) returns table (unique_visitors integer, new_visitors integer, returning_visitors integer,
  estimates text[])
language sql stable security invoker set search_path = ''
as $$
  select private.require_member(kpi_visitors.store_id);
  select private.require_range(from_ts, to_ts);
  select everybody.visitors, everybody.new_visitors, everybody.visitors - everybody.new_visitors,
    array['unique_visitors', 'new_visitors', 'returning_visitors']
  from private.member_visitors(kpi_visitors.store_id, from_ts, to_ts) everybody;
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
    from private.member_settings(kpi_compare.store_id) setting
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
  cross join lateral private.member_overview(kpi_compare.store_id, span.from_ts, span.to_ts) kpi
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
    select date_trunc('hour', f.at, setting.time_zone) as hour_start, sum(f.m)::integer as visits,
      sum(f.micros)::float8 / 1000000 as seconds
    from private.member_settings(kpi_hourly.store_id) setting
    cross join lateral private.member_figures(kpi_hourly.store_id, 'quarter',
      private.midnight(day_from, setting.time_zone),
      private.midnight(day_to, setting.time_zone)) f
    group by 1
  )
  select hours.start,
    (private.day_of(hours.start, setting.time_zone) at time zone setting.time_zone)::date,
    extract(hour from hours.start at time zone setting.time_zone)::integer,
    coalesce(visits.visits, 0), private.ratio(visits.seconds, visits.visits)
  from private.member_settings(kpi_hourly.store_id) setting
  cross join lateral private.kpi_hours(day_from, day_to, setting.time_zone) hours (start)
  left join visits on visits.hour_start = hours.start
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
    select f.key::uuid as zone_id, f.n::integer as entrants, f.micros::float8 / 1000000 as seconds
    from private.member_totals(kpi_zones.store_id, 'zone', from_ts, to_ts) f
  ), everything as (
    select coalesce(sum(f.m), 0)::integer as visits
    from private.member_totals(kpi_zones.store_id, 'quarter', from_ts, to_ts) f
  )
  select zone.id, zone.zone_code, zone.zone_name, zone.zone_type, everything.visits,
    coalesce(entered.entrants, 0), private.ratio(entered.entrants, everything.visits),
    coalesce(entered.seconds, 0), private.ratio(entered.seconds, entered.entrants)
  from private.member_zones(kpi_zones.store_id) zone
  cross join everything
  left join entered on entered.zone_id = zone.id
  where zone.is_active or entered.zone_id is not null
  order by length(zone.zone_code), zone.zone_code;
$$;

create or replace function private.require_zone(store uuid, zone_id uuid) returns void
language plpgsql stable set search_path = ''
as $$
begin
  if not exists (select from private.member_zones(store) zone where zone.id = require_zone.zone_id)
  then
    raise exception using errcode = 'PT404', message = 'this store has no such zone';
  end if;
end $$;

create or replace function public.kpi_zone_hours(store_id uuid, zone_id uuid, day date)
returns table (hour_start timestamptz, hour integer, entrants integer,
  total_dwell_seconds double precision, mean_dwell_seconds double precision)
language sql stable security invoker set search_path = ''
as $$
  select private.require_member(kpi_zone_hours.store_id);
  select private.require_days(day, day + 1);
  select private.require_zone(kpi_zone_hours.store_id, kpi_zone_hours.zone_id);
  select hours.start, extract(hour from hours.start at time zone setting.time_zone)::integer,
    coalesce(stays.entrants, 0), coalesce(stays.seconds, 0),
    private.ratio(stays.seconds, stays.entrants)
  from private.member_settings(kpi_zone_hours.store_id) setting
  cross join lateral private.kpi_hours(
    kpi_zone_hours.day, kpi_zone_hours.day + 1, setting.time_zone) hours (start)
  left join private.member_zone_hours(kpi_zone_hours.store_id, kpi_zone_hours.zone_id,
      private.midnight(kpi_zone_hours.day, setting.time_zone),
      private.midnight(kpi_zone_hours.day + 1, setting.time_zone)) stays
    on stays.hour_start = hours.start
  order by hours.start;
$$;

create or replace function public.kpi_funnel(store_id uuid, from_ts timestamptz, to_ts timestamptz)
returns table (step integer, stage text, visits integer, share_of_enter double precision)
language sql stable security invoker set search_path = ''
as $$
  select private.require_member(kpi_funnel.store_id);
  select private.require_range(from_ts, to_ts);
  with reached as (
    select 'enter' as stage, sum(f.m)::integer as visits
    from private.member_totals(kpi_funnel.store_id, 'quarter', from_ts, to_ts) f
    union all
    select f.key, f.n::integer
    from private.member_totals(kpi_funnel.store_id, 'stage', from_ts, to_ts) f
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
  select bin.low, bin.high, coalesce(sum(f.n), 0)::integer, coalesce(sum(f.m), 0)::integer
  from (values (0, 60), (60, 120), (120, 300), (300, 600), (600, 1200), (1200, 1800),
    (1800, 3600), (3600, null)) bin (low, high)
  left join private.member_totals(kpi_visit_lengths.store_id, 'length', from_ts, to_ts) f
    on f.key::integer >= bin.low and (f.key::integer < bin.high or bin.high is null)
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
  with pairs as (
    select split_part(f.key, '>', 1)::uuid as here, split_part(f.key, '>', 2)::uuid as there,
      f.n::integer as moves, f.m::integer as visits
    from private.member_totals(kpi_paths.store_id, 'path', from_ts, to_ts) f
  )
  select here.id, here.zone_code, here.zone_name, there.id, there.zone_code, there.zone_name,
    pairs.moves, pairs.visits, (sum(pairs.moves) over ())::integer
  from pairs
  join private.member_zones(kpi_paths.store_id) here on here.id = pairs.here
  join private.member_zones(kpi_paths.store_id) there on there.id = pairs.there
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
    from private.member_settings(kpi_occupancy.store_id) setting
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
    from private.member_zones(kpi_occupancy.store_id) zone left join live on live.zone_id = zone.id
    where zone.is_active or live.visitors is not null
  ) place (scope, zone_id, zone_code, zone_name, zone_type, visitors)
  order by place.scope, length(place.zone_code), place.zone_code;
$$;

-- Runs of the ingestion that started up to an instant and after another, latest first.
create or replace function private.member_runs(store uuid, after_ts timestamptz, up_to timestamptz,
  max_runs integer)
returns table (id uuid, status text, started_at timestamptz, completed_at timestamptz,
  latency_ms double precision, counters jsonb, error_code text, error_message text)
language plpgsql stable security definer rows 20 set search_path = ''
as $$
begin
  perform private.require_member(store);
  return query
    select run.id, run.status::text, run.started_at::timestamptz, run.completed_at::timestamptz,
      extract(epoch from run.completed_at - run.started_at)::float8 * 1000, run.counters,
      run.error_code::text, run.error_message::text
    from public.etl_runs run
    where run.store_id = store and run.etl_function = 'process-neuralsense-data'
      and run.started_at > after_ts and run.started_at <= up_to
    order by run.started_at desc
    limit max_runs;
end $$;

create or replace function private.member_last_success(store uuid, up_to timestamptz)
returns timestamptz
language plpgsql stable security definer set search_path = ''
as $$
begin
  perform private.require_member(store);
  return (
    select run.completed_at::timestamptz
    from public.etl_runs run
    where run.store_id = store and run.etl_function = 'process-neuralsense-data'
      and run.started_at <= up_to and run.status = 'completed'
    order by run.started_at desc
    limit 1);
end $$;

-- What the ingestion says of a store's runs. A message may quote what was sent; a hash is masked.
create or replace function public.ingest_runs(store_id uuid, max_runs integer default 20)
returns table (run_id uuid, status text, started_at timestamptz, completed_at timestamptz,
  latency_ms double precision, readings integer, zone_events integer, visits integer,
  rejected integer, error_code text, error_message text)
language sql stable security invoker set search_path = ''
as $$
  select private.require_member(ingest_runs.store_id);
  select run.id, run.status, run.started_at, run.completed_at, run.latency_ms,
    coalesce((run.counters ->> 'readings')::integer, 0),
    coalesce((run.counters ->> 'zone_events')::integer, 0),
    coalesce((run.counters ->> 'visits')::integer, 0),
    coalesce((run.counters ->> 'rejected')::integer, 0),
    run.error_code, regexp_replace(run.error_message, '[0-9a-fA-F]{64}', '<hash>', 'g')
  from private.member_runs(ingest_runs.store_id, '-infinity', 'infinity',
    coalesce(max_runs, 20)) run
  order by run.started_at desc;
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
  with present as (
    select coalesce(as_of, now()) as at
  ), latest as (
    select run.status, run.started_at
    from present cross join lateral private.member_runs(
      ingest_health.store_id, '-infinity', present.at, 1) run
  ), recent as (
    select count(*)::integer as runs,
      (count(*) filter (where status = 'failed'))::integer as failed_runs,
      coalesce(sum((counters ->> 'readings')::integer), 0)::integer as readings,
      coalesce(sum((counters ->> 'zone_events')::integer), 0)::integer as zone_events,
      coalesce(sum((counters ->> 'rejected')::integer), 0)::integer as rejected,
      coalesce(percentile_cont(0.5) within group (order by latency_ms), 0) as median_latency_ms,
      coalesce(max(latency_ms), 0) as max_latency_ms
    from present cross join lateral private.member_runs(
      ingest_health.store_id, present.at - interval '1 hour', present.at, null)
  )
  select latest.started_at, latest.status, success.at, extract(epoch from present.at - success.at)::float8,
    private.last_reading_at(ingest_health.store_id), recent.*
  from present
  cross join lateral private.member_last_success(ingest_health.store_id, present.at) success (at)
  cross join recent left join latest on true;
$$;

-- Checks and plain arithmetic; what looks at rows checks membership itself.
revoke all on all functions in schema private from public, anon, authenticated;
grant execute on all functions in schema private to service_role;
grant execute on function private.my_org_ids(),
  private.require_member(uuid), private.require_range(timestamptz, timestamptz),
  private.require_days(date, date), private.require_instant(timestamptz),
  private.require_zone(uuid, uuid),
  private.ratio(double precision, double precision), private.midnight(date, text),
  private.day_of(timestamptz, text),
  private.kpi_hours(date, date, text),
  private.member_settings(uuid), private.member_zones(uuid),
  private.member_figures(uuid, text, timestamptz, timestamptz),
  private.member_totals(uuid, text, timestamptz, timestamptz),
  private.member_visitors(uuid, timestamptz, timestamptz),
  private.member_zone_hours(uuid, uuid, timestamptz, timestamptz),
  private.visitors_by_zone(uuid, timestamptz, timestamptz),
  private.last_reading_at(uuid),
  private.member_runs(uuid, timestamptz, timestamptz, integer),
  private.member_last_success(uuid, timestamptz),
  private.member_overview(uuid, timestamptz, timestamptz)
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
