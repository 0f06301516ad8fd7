-- Figures that are kept: what dashboards ask for, counted while readings come in, so that a year costs
-- hardly more than a day. Each batch takes away what its visits counted before, and adds what they
-- count now, in the same transaction: kept figures are always those that counting anew would give.
set local lock_timeout = '5s';

-- measure, at, key                          n          m         micros
-- quarter  its begin, hour of the day       sessions   visits    length of the visits
-- outcome  day, bounce|engaged              sessions | visits
-- stage    day, browse|engage|checkout      visits
-- zone     day, zone                        entrants             time in the zone
-- path     day, zone>zone                   moves      visits
-- length   day, seconds from                sessions   visits
-- return   day, day of the visit before     visits
-- A session counts where it begins. micros are microseconds: whole numbers, so that sums do not depend
-- on their order. A day is named by its first instant; an hour by its number on the store's clock.
create table if not exists private.figures (
  store_id uuid not null references public.stores (id) on delete cascade,
  measure text not null,
  at timestamptz not null,
  key text not null,
  n bigint not null,
  m bigint not null,
  micros bigint not null,
  -- Of a return the day before as a number, the second that it begins with.
  before bigint generated always as (
    case when measure = 'return' and key <> '' then key::bigint end) stored,
  primary key (store_id, measure, at, key)
) with (fillfactor = 80);
-- Over a long period few of those who came were there before it: the others need not be read.
create index if not exists figures_returns_idx on private.figures (store_id, before, at)
  where measure = 'return';

-- What the figures of a store were counted by. Where it is not what the store says now, figures are
-- counted anew for each question, until they have been counted anew for good.
create table if not exists private.figure_rules (
  store_id uuid primary key references public.stores (id) on delete cascade,
  rules text not null
);

do $$
declare
  name text;
begin
  foreach name in array array['figures', 'figure_rules'] loop
    execute format('alter table private.%I enable row level security', name);
    execute format('create policy "closed" on private.%I
      as restrictive for all to anon, authenticated using (false)', name);
    execute format('grant select, insert, update, delete on private.%I to service_role', name);
  end loop;
  if to_regtype('private.figure') is null then
    create type private.figure as (measure text, at timestamptz, key text, n bigint, m bigint,
      micros bigint);
  end if;
  -- A session that is a visit; or, without an id, a stretch of a phone's time.
  if to_regtype('private.visit_span') is null then
    create type private.visit_span as (visit_id uuid, hashed_mac text, entry_time timestamptz,
      exit_time timestamptz);
  end if;
  -- A half-open period in whole units of a measure, from first to last, and the visits at its ends.
  if to_regtype('private.period') is null then
    create type private.period as (from_ts timestamptz, to_ts timestamptz, first_unit timestamptz,
      whole_from timestamptz, whole_to timestamptz, at_the_ends private.visit_span[]);
  end if;
end $$;

create index if not exists sessions_visits_idx on private.sessions (store_id, entry_time)
  where is_visit;
create index if not exists sessions_lengths_idx
  on private.sessions (store_id, length_from, entry_time) include (exit_time) where is_visit;

-- The thresholds, each with its default. Keys of stores.settings: visit_at_least_seconds (60),
-- bounce_under_seconds (120), live_window_minutes (10), and, shared with the ingestion,
-- engage_after_seconds. "rows", here and below: a planner that expects 1000 rows compiles for longer
-- than the question takes.
create or replace function private.kpi_settings(store uuid)
returns table (time_zone text, visit_at_least interval, bounce_under interval,
  engage_after double precision, live_window interval)
language plpgsql stable rows 1 set search_path = ''
as $$
#variable_conflict use_column
begin
  return query
    select setting.time_zone,
      make_interval(secs =>
        private.setting_number(s.settings, 'visit_at_least_seconds', 60, 0, 86400)::float8),
      make_interval(secs =>
        private.setting_number(s.settings, 'bounce_under_seconds', 120, 0, 86400)::float8),
      setting.engage_after,
      make_interval(secs =>
        private.setting_number(s.settings, 'live_window_minutes', 10, 0, 1440)::float8 * 60)
    from public.stores s cross join private.store_settings(store) setting
    where s.id = store;
end $$;

create or replace function private.midnight(day date, time_zone text) returns timestamptz
language sql stable parallel safe set search_path = ''
as $$ select day::timestamp at time zone time_zone $$;

-- The first instant of the day that an instant lies in; where the clocks go back over midnight, an
-- instant can have tomorrow's date and still lie before tomorrow's first.
create or replace function private.day_of(at timestamptz, time_zone text) returns timestamptz
language sql stable parallel safe set search_path = ''
as $$
  select case when at < private.midnight(date, time_zone)
    then private.midnight(date - 1, time_zone) else private.midnight(date, time_zone) end
  from (select (at at time zone time_zone)::date) local (date)
$$;

create or replace function private.quarter_of(at timestamptz) returns timestamptz
language sql immutable parallel safe set search_path = ''
as $$ select date_bin(interval '15 minutes', at, timestamptz '2000-01-01T00:00:00Z') $$;

-- Everything but the visits themselves that the kept figures depend on.
create or replace function private.rules_of(store uuid) returns text
language sql stable set search_path = ''
as $$
  select concat_ws('|', setting.time_zone, setting.visit_at_least, setting.bounce_under,
    setting.engage_after, (
      select string_agg(zone.id || zone.zone_type, ',' order by zone.id)
      from public.zones_dim zone where zone.store_id = store))
  from private.kpi_settings(store) setting
$$;

create or replace function private.are_figures_kept(store uuid) returns boolean
language sql stable set search_path = ''
as $$
  select exists (select from private.figure_rules kept
    where kept.store_id = store and kept.rules = private.rules_of(store))
$$;

-- What visits count: their length, their zones and ways, what came of them. Of the measures that are
-- asked for.
create or replace function private.figures_of(store uuid, visits private.visit_span[],
  measures text[])
returns setof private.figure
language plpgsql stable rows 200 set search_path = ''
as $$
#variable_conflict use_column
begin
  return query
    with setting as (
      select * from private.kpi_settings(store)
    ), visit as (
      select v.visit_id, v.entry_time, day.starts_at as day,
        v.exit_time - v.entry_time as length,
        (v.exit_time - v.entry_time >= setting.visit_at_least)::integer as counts
      from unnest(visits) v
      cross join setting
      -- As private.day_of says; written out, for a call costs more than all of it.
      cross join lateral (select (v.entry_time at time zone setting.time_zone)::date) local (date)
      cross join lateral (select case
        when v.entry_time < local.date::timestamp at time zone setting.time_zone
        then (local.date - 1)::timestamp at time zone setting.time_zone
        else local.date::timestamp at time zone setting.time_zone end) day (starts_at)
    ), stay as materialized (
      select visit.visit_id, visit.day, visit.counts, stay.zone_id, stay.sequence,
        stay.dwell_seconds, stay.zone_seconds
      from visit
      cross join lateral (
        select z.zone_id, z.sequence, z.dwell_seconds, z.zone_seconds
        from public.visit_zone_events z
        where z.visit_id = visit.visit_id and z.source = 'neuralsense'
        offset 0) stay
      where measures && '{outcome,zone,path}'
    ), visit_zone as (
      select visit_id, day, counts, zone_id, round(sum(dwell_seconds) * 1000000)::bigint as micros
      from stay
      group by visit_id, day, counts, zone_id
    ), inside as (
      select here.visit_id, max(here.zone_seconds) as longest
      from stay here join public.zones_dim zone on zone.id = here.zone_id
      where zone.zone_type is distinct from 'entrance'
      group by here.visit_id
    ), outcome as (
      select visit.day, case
          when visit.length < setting.bounce_under or inside.visit_id is null then 'bounce' end as key
      from visit cross join setting left join inside on inside.visit_id = visit.visit_id
      union all
      select visit.day, 'engaged'
      from visit cross join setting join inside on inside.visit_id = visit.visit_id
      where visit.counts = 1 and inside.longest >= setting.engage_after
    ), step as (
      select visit_id, day, zone_id as here,
        lead(zone_id) over (partition by visit_id order by sequence) as there
      from stay
      where counts = 1
    ), figure (measure, at, key, n, m, micros) as (
      select 'quarter', date_bin(interval '15 minutes', entry_time, timestamptz '2000-01-01T00:00:00Z'),
        extract(hour from entry_time at time zone setting.time_zone)::text, count(*), sum(counts),
        coalesce(sum(round(extract(epoch from length) * 1000000)) filter (where counts = 1), 0)
      from visit cross join setting
      where 'quarter' = any (measures)
      group by 2, 3
      union all
      select 'length', day, private.length_step(extract(epoch from length)::float8)::text,
        count(*), sum(counts), 0
      from visit
      where 'length' = any (measures)
      group by 2, 3
      union all
      select 'outcome', day, key, count(*), 0, 0
      from outcome
      where key is not null and 'outcome' = any (measures)
      group by 2, 3
      union all
      select 'stage', visit.day, event.stage, count(*), 0, 0
      from visit
      cross join lateral (
        select f.stage from public.funnel_events f
        where f.visit_id = visit.visit_id and f.source = 'neuralsense' and f.stage <> 'enter'
        offset 0) event
      where visit.counts = 1 and 'stage' = any (measures)
      group by 2, 3
      union all
      select 'zone', day, zone_id::text, count(*), 0, sum(micros)
      from visit_zone
      where counts = 1 and 'zone' = any (measures)
      group by 2, 3
      union all
      select 'path', day, here || '>' || there, count(*), count(distinct visit_id), 0
      from step
      where here <> there and 'path' = any (measures)
      group by 2, 3
    )
    select measure, at, key, n::bigint, m::bigint, micros::bigint from figure;
end $$;

-- The visits, long enough to count, that phones began in stretches of time, and the next one after:
-- what changes in a stretch shows there as well.
create or replace function private.visits_in(store uuid, stretches private.visit_span[])
returns table (hashed_mac text, entry_time timestamptz)
language plpgsql stable rows 100 set search_path = ''
as $$
#variable_conflict use_column
begin
  return query
    select distinct phone.hashed_mac, visit.entry_time
    from unnest(stretches) phone
    cross join private.kpi_settings(store) setting
    cross join lateral (
      select s.entry_time
      from private.sessions s
      where s.store_id = store and s.hashed_mac = phone.hashed_mac and s.is_visit
        and s.entry_time between phone.entry_time and phone.exit_time
        and s.exit_time - s.entry_time >= setting.visit_at_least
      union all
      (select s.entry_time
      from private.sessions s
      where s.store_id = store and s.hashed_mac = phone.hashed_mac and s.is_visit
        and s.entry_time > phone.exit_time
        and s.exit_time - s.entry_time >= setting.visit_at_least
      order by s.entry_time
      limit 1)
      offset 0) visit;
end $$;

create or replace function private.returns_of(store uuid, stretches private.visit_span[])
returns setof private.figure
language plpgsql stable rows 100 set search_path = ''
as $$
#variable_conflict use_column
begin
  return query
    with visit as (
      select visit.entry_time, before.entry_time as before, setting.time_zone
      from private.visits_in(store, stretches) visit
      cross join private.kpi_settings(store) setting
      left join lateral (
        select s.entry_time
        from private.sessions s
        where s.store_id = store and s.hashed_mac = visit.hashed_mac and s.is_visit
          and s.entry_time < visit.entry_time
          and s.exit_time - s.entry_time >= setting.visit_at_least
        order by s.entry_time desc
        limit 1) before on true
    ), dated as (
      select private.day_of(entry_time, time_zone) as day,
        case when before is null then '' else extract(epoch from private.day_of(before, time_zone))::bigint::text
        end as key, n
      from (select entry_time, before, time_zone, count(*) as n from visit group by 1, 2, 3) visit
    )
    select 'return', day, key, sum(n)::bigint, 0::bigint, 0::bigint from dated group by day, key;
end $$;

create or replace function private.spans_between(store uuid, from_ts timestamptz, to_ts timestamptz)
returns setof private.visit_span
language sql stable set search_path = ''
as $$
  select s.visit_id, s.hashed_mac, s.entry_time, s.exit_time
  from private.sessions s
  where s.store_id = store and s.is_visit and s.entry_time >= from_ts and s.entry_time < to_ts
$$;

-- Every figure of a store, counted anew.
create or replace function private.counted_figures(store uuid) returns setof private.figure
language plpgsql stable set search_path = ''
as $$
declare
  month timestamptz;
begin
  for month in
    select distinct date_trunc('month', s.entry_time, 'UTC')
    from private.sessions s where s.store_id = store and s.is_visit
  loop
    return query
      select (f).measure, (f).at, (f).key, (f).n, (f).m, (f).micros
      from private.figures_of(store, array(
        select s from private.spans_between(store, month, month + interval '1 month') s),
        '{quarter,length,outcome,stage,zone,path}') f;
  end loop;
  return query
    select 'return', private.day_of(visit.entry_time, setting.time_zone), coalesce(
        extract(epoch from private.day_of(visit.before, setting.time_zone))::bigint::text, ''),
      count(*), 0::bigint, 0::bigint
    from private.kpi_settings(store) setting
    cross join lateral (
      select s.entry_time,
        lag(s.entry_time) over (partition by s.hashed_mac order by s.entry_time) as before
      from private.sessions s
      where s.store_id = store and s.is_visit
        and s.exit_time - s.entry_time >= setting.visit_at_least) visit
    group by 2, 3;
end $$;

-- Months are those of UTC, days are the store's: two months may name the same day. What is read
-- together lies together.
create or replace function private.count_figures(store uuid) returns void
language sql volatile set search_path = ''
as $$
  delete from private.figures old where old.store_id = store;
  insert into private.figures (store_id, measure, at, key, n, m, micros)
  select store, measure, at, key, sum(n), sum(m), sum(micros)
  from private.counted_figures(store)
  group by measure, at, key
  order by measure, at, key;
  insert into private.figure_rules (store_id, rules) values (store, private.rules_of(store))
  on conflict (store_id) do update set rules = excluded.rules;
$$;

-- Whether figures are kept from here on. A store that is new, or small, is counted at once; a large
-- one whose rules were changed waits for the next pruning, for a batch must not take that long. By
-- then they lack what came meanwhile, also where the rules are changed back.
create or replace function private.keep_figures(store uuid) returns boolean
language plpgsql volatile set search_path = ''
as $$
begin
  if private.are_figures_kept(store) then
    return true;
  end if;
  if exists (select from private.sessions s where s.store_id = store and s.is_visit offset 5000) then
    delete from private.figure_rules old where old.store_id = store;
    return false;
  end if;
  perform private.count_figures(store);
  return true;
end $$;

-- Takes away what was and adds what is. A figure of nothing has no row.
create or replace function private.change_figures(store uuid, was private.figure[],
  now_is private.figure[])
returns void
language sql volatile set search_path = ''
as $$
  insert into private.figures as old (store_id, measure, at, key, n, m, micros)
  select store, measure, at, key, sum(n), sum(m), sum(micros)
  from (
    select measure, at, key, n, m, micros from unnest(now_is)
    union all
    select measure, at, key, -n, -m, -micros from unnest(was)) changes
  group by measure, at, key
  having sum(n) <> 0 or sum(m) <> 0 or sum(micros) <> 0
  on conflict (store_id, measure, at, key) do update set
    n = old.n + excluded.n, m = old.m + excluded.m, micros = old.micros + excluded.micros;

  delete from private.figures old
  using (select distinct measure, at, key from unnest(was)) maybe_gone
  where old.store_id = store and old.measure = maybe_gone.measure and old.at = maybe_gone.at
    and old.key = maybe_gone.key and old.n = 0 and old.m = 0 and old.micros = 0;
$$;

-- All that visits count, with what they mean for the phones that come back.
create or replace function private.all_figures_of(store uuid, visits private.visit_span[],
  stretches private.visit_span[])
returns setof private.figure
language plpgsql stable rows 300 set search_path = ''
as $$
#variable_conflict use_column
begin
  return query
    select * from private.figures_of(store, visits, '{quarter,length,outcome,stage,zone,path}')
    union all
    select * from private.returns_of(store, stretches);
end $$;

-- What a period is made of. A unit is whole, too, if no visit of it lies outside of the period. Where
-- figures are not kept there are visits only.
create or replace function private.period_of(store uuid, measure text, from_ts timestamptz,
  to_ts timestamptz)
returns private.period
language plpgsql stable set search_path = ''
as $$
declare
  zone constant text := (select s.time_zone from private.kpi_settings(store) s);
  first_entry constant timestamptz := (select min(s.entry_time) from private.sessions s
    where s.store_id = store and s.is_visit and s.entry_time >= from_ts and s.entry_time < to_ts);
  last_entry constant timestamptz := (select max(s.entry_time) from private.sessions s
    where s.store_id = store and s.is_visit and s.entry_time >= from_ts and s.entry_time < to_ts);
  first_unit constant timestamptz := private.unit_of(measure, first_entry, zone);
  whole_from timestamptz := first_unit;
  whole_to timestamptz := private.unit_after(measure, last_entry, zone);
begin
  if exists (select from private.spans_between(store, whole_from, from_ts)) then
    whole_from := private.unit_after(measure, first_entry, zone);
  end if;
  if exists (select from private.spans_between(store, to_ts, whole_to)) then
    whole_to := private.unit_of(measure, last_entry, zone);
  end if;
  if (whole_from < whole_to) is not true or not private.are_figures_kept(store) then
    whole_from := to_ts;
    whole_to := to_ts;
  end if;
  return (from_ts, to_ts, first_unit, whole_from, whole_to, array(
    select s from private.spans_between(store, from_ts, least(whole_from, to_ts)) s
    union all
    select s from private.spans_between(store, greatest(whole_to, from_ts), to_ts) s));
end $$;

-- The figures of a period.
create or replace function private.figures_in(store uuid, wanted text, period private.period)
returns table (at timestamptz, key text, n bigint, m bigint, micros bigint)
language plpgsql stable rows 100 set search_path = ''
as $$
begin
  return query
    select f.at, f.key, f.n, f.m, f.micros
    from private.figures f
    where f.store_id = store and f.measure = wanted
      and f.at >= period.whole_from and f.at < period.whole_to
    union all
    select f.at, f.key, f.n, f.m, f.micros
    from private.figures_of(store, period.at_the_ends, array[wanted]) f
    where period.at_the_ends <> '{}';
end $$;

-- Those of measures with the same unit, added up where they are read: over a year they are many.
create or replace function private.totals_in(store uuid, wanted text[], period private.period)
returns table (measure text, key text, n bigint, m bigint, micros bigint)
language plpgsql stable rows 20 set search_path = ''
as $$
begin
  return query
    select figure.measure, figure.key, sum(figure.n)::bigint, sum(figure.m)::bigint,
      sum(figure.micros)::bigint
    from (
      select f.measure, f.key, f.n, f.m, f.micros
      from private.figures f
      where f.store_id = store and f.measure = any (wanted)
        and f.at >= period.whole_from and f.at < period.whole_to
      union all
      select f.measure, f.key, f.n, f.m, f.micros
      from private.figures_of(store, period.at_the_ends, wanted) f
      where period.at_the_ends <> '{}') figure
    group by figure.measure, figure.key;
end $$;

create or replace function private.unit_of(measure text, at timestamptz, time_zone text)
returns timestamptz
language sql stable parallel safe set search_path = ''
as $$
  select case measure when 'quarter' then private.quarter_of(at)
    else private.day_of(at, time_zone) end
$$;

create or replace function private.unit_after(measure text, at timestamptz, time_zone text)
returns timestamptz
language sql stable parallel safe set search_path = ''
as $$
  select case measure when 'quarter' then private.quarter_of(at) + interval '15 minutes'
    else private.midnight((private.day_of(at, time_zone) at time zone time_zone)::date + 1,
      time_zone) end
$$;

-- Phones with a visit in a period, and how many of them had none before. Each counts with the first of
-- its visits there: the one whose visit before, if any, lies before the period. Planned for each period:
-- what is best for a day is not for a year.
create or replace function private.visitors_in(store uuid, period private.period)
returns table (visitors integer, new_visitors integer)
language plpgsql stable rows 1 set search_path = '' set plan_cache_mode = 'force_custom_plan'
as $$
declare
  setting constant record := (select s from private.kpi_settings(store) s);
begin
  return query
    with kept as (
      select f.n, f.key from private.figures f
      where f.store_id = store and f.measure = 'return'
        and f.at >= period.whole_from and f.at < period.whole_to
        and (f.before is null or f.before < extract(epoch from period.first_unit)::bigint)
    ), at_the_ends as (
      select before.entry_time as before
      from unnest(period.at_the_ends) span
      left join lateral (
        select s.entry_time
        from private.sessions s
        where s.store_id = store and s.hashed_mac = span.hashed_mac and s.is_visit
          and s.entry_time < span.entry_time
          and s.exit_time - s.entry_time >= setting.visit_at_least
        order by s.entry_time desc
        limit 1) before on true
      where span.exit_time - span.entry_time >= setting.visit_at_least
    ), same_day_before as (
      select next.entry_time as next
      from private.spans_between(store, period.first_unit, period.from_ts) span
      cross join lateral (
        select s.entry_time
        from private.sessions s
        where s.store_id = store and s.hashed_mac = span.hashed_mac and s.is_visit
          and s.entry_time > span.entry_time
          and s.exit_time - s.entry_time >= setting.visit_at_least
        order by s.entry_time
        limit 1) next
      where period.whole_from < period.whole_to and span.exit_time - span.entry_time >= setting.visit_at_least
    )
    select (
        (select coalesce(sum(kept.n), 0) from kept)
        + (select count(*) from at_the_ends e where e.before is null or e.before < period.from_ts)
        + (select count(*) from same_day_before b
          where b.next >= period.whole_from and b.next < period.whole_to)
      )::integer, (
        (select coalesce(sum(kept.n), 0) from kept where kept.key = '')
        + (select count(*) from at_the_ends e where e.before is null)
      )::integer;
end $$;

-- The exact median length of the visits of a period, 0 if there is none. The steps of length, each
-- with its visits, tell where the middle lies, so only visits of that step are looked at.
create or replace function private.median_length_in(store uuid, from_ts timestamptz,
  to_ts timestamptz, steps jsonb)
returns double precision
language plpgsql stable set search_path = ''
as $$
declare
  at_least constant interval := (select s.visit_at_least from private.kpi_settings(store) s);
  median double precision;
begin
  with step as (
    select key::integer as length, value::bigint as visits,
      (sum(value::bigint) over (order by key::integer))::bigint as up_to,
      (sum(value::bigint) over ())::bigint as total
    from jsonb_each_text(steps) where value <> '0'
  ), middle as (
    select length, array_agg(rank - (up_to - visits)) as places
    from step
    cross join lateral (values ((total + 1) / 2), ((total + 2) / 2)) ranks (rank)
    where rank > up_to - visits and rank <= up_to
    group by length
  )
  select avg(step.seconds[place]) into median
  from middle
  cross join lateral (
    select array_agg(span.seconds order by span.seconds) as seconds
    from (
      select date_part('epoch', s.exit_time - s.entry_time) as seconds
      from private.sessions s
      where s.store_id = store and s.is_visit and s.length_from = middle.length
        and s.entry_time >= from_ts and s.entry_time < to_ts
        and s.exit_time - s.entry_time >= at_least) span) step
  cross join unnest(middle.places) place;
  return coalesce(median, 0);
end $$;
