-- Sessions and visits, derived from zone_events. What is derived is a function of the stored rows
-- alone, so the order in which they came, the batches they came in and how often they came leave no
-- trace.
-- News never make what is known be read from its first event again. A session is known as an interval,
-- a stay as another; between two of them, and beside what is new, lies all that can change. So a batch
-- costs what its news cost, however long a phone has been there and however late they come.
set local lock_timeout = '5s';

-- Lengths of visits in steps that grow: of half a minute, a minute, five minutes, an hour.
create or replace function private.length_step(seconds double precision) returns integer
language plpgsql immutable parallel safe set search_path = ''
as $$
begin
  return case
    when seconds < 600 then floor(seconds / 30) * 30
    when seconds < 1800 then floor(seconds / 60) * 60
    when seconds < 7200 then floor(seconds / 300) * 300
    else floor(seconds / 3600) * 3600 end;
end $$;

-- A phone's stretch of readings without a longer silence than the session gap. It is a visit if it
-- was more than bursts and not a resident's; the others are kept as well, for what comes next to them.
create table if not exists private.sessions (
  store_id uuid not null references public.stores (id) on delete cascade,
  hashed_mac text not null,
  entry_time timestamptz not null,
  exit_time timestamptz not null,
  visit_id uuid not null,
  visitor_id uuid not null,
  zones uuid[] not null,
  zones_since timestamptz[] not null,
  is_persistent boolean not null,
  is_resident boolean not null,
  is_visit boolean not null generated always as (is_persistent and not is_resident) stored,
  length_from integer not null generated always as (
    private.length_step(extract(epoch from exit_time - entry_time)::float8)) stored,
  primary key (store_id, hashed_mac, entry_time)
);
alter table private.sessions enable row level security;
create policy "closed" on private.sessions
  as restrictive for all to anon, authenticated using (false);
grant select, insert, update, delete on private.sessions to service_role;
comment on column private.sessions.zones_since is 'When each of zones was entered first';

do $$
begin
  -- A visitor was heard at an instant, in a zone; or a stay began and ended.
  if to_regtype('private.sighting') is null then
    create type private.sighting as (hashed_mac text, seen_at timestamptz, seen_until timestamptz,
      zone_id uuid, device_class text, is_new boolean);
  end if;
  -- A session as it is to be. known: those that it consists of and that were visits; bursts: the
  -- entry times of those that were none. Its first "kept" stays, those that begin before "since", may
  -- stay as they are.
  if to_regtype('private.session') is null then
    create type private.session as (visit_id uuid, hashed_mac text, entry_time timestamptz,
      exit_time timestamptz, zones uuid[], zones_since timestamptz[], is_persistent boolean,
      is_resident boolean, known uuid[], bursts timestamptz[], since timestamptz, kept integer);
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
-- never leaves would be one endless visit.
create or replace function private.store_settings(store uuid)
returns table (org_id uuid, time_zone text, session_gap interval, day_starts_at interval,
  engage_after double precision, system_user_id text)
language plpgsql stable rows 1 set search_path = ''
as $$
#variable_conflict use_column
begin
  return query
    select s.org_id, private.known_time_zone(s.time_zone),
      make_interval(secs =>
        private.setting_number(s.settings, 'session_gap_minutes', 15, 0, 1440)::float8 * 60),
      make_interval(secs =>
        private.setting_number(s.settings, 'day_starts_at_hour', 4, 0, 24)::float8 * 3600),
      private.setting_number(s.settings, 'engage_after_seconds', 60, 0, 86400)::float8,
      coalesce(s.settings ->> 'system_user_id', 'system')
    from public.stores s
    where s.id = store;
end $$;

-- The sessions that news may touch. Those of a phone lie one after the other, so only the last one
-- that begins before a sighting, less the gap, can reach it.
create or replace function private.sessions_near(store uuid, sightings private.sighting[])
returns setof private.sessions
language plpgsql stable rows 50 set search_path = ''
as $$
#variable_conflict use_column
begin
  return query
    select distinct on (near.hashed_mac, near.entry_time) near.*
    from (select distinct hashed_mac, seen_at, seen_until from unnest(sightings)) seen
    cross join private.store_settings(store) setting
    cross join lateral (
      select s.*
      from private.sessions s
      where s.store_id = store and s.hashed_mac = seen.hashed_mac
        and s.entry_time <= seen.seen_until + setting.session_gap
        and s.entry_time >= coalesce((
          select max(before.entry_time)
          from private.sessions before
          where before.store_id = store and before.hashed_mac = seen.hashed_mac
            and before.entry_time <= seen.seen_at - setting.session_gap), '-infinity')
      offset 0) near
    where near.exit_time >= seen.seen_at - setting.session_gap;
end $$;

-- Gaps and islands, of intervals: what is known and what is new. A session begins where a phone had
-- been silent for longer than the gap, and where the day begins.
create or replace function private.sessions_with(store uuid, near private.sessions[],
  heard private.sighting[])
returns setof private.session
language plpgsql stable rows 50 set search_path = ''
as $$
#variable_conflict use_column
begin
  return query
    with setting as (
      select * from private.store_settings(store)
    ), parts as (
      select hashed_mac, entry_time as begins, exit_time as ends, is_persistent, is_resident, zones,
        zones_since, case when is_visit then visit_id end as known,
        case when not is_visit then entry_time end as burst
      from unnest(near)
      union all
      select hashed_mac, seen_at, seen_at, private.class_rank(device_class) > 2,
        private.class_rank(device_class) > 6, array[zone_id], array[seen_at], null, null
      from unnest(heard)
    ), ordered as (
      select *, max(ends) over (partition by hashed_mac order by begins, ends
        rows between unbounded preceding and 1 preceding) as before
      from parts
    ), numbered as (
      select o.*, count(*) filter (where before is null or begins - before > setting.session_gap
          or ((begins at time zone setting.time_zone) - setting.day_starts_at)::date
            <> ((before at time zone setting.time_zone) - setting.day_starts_at)::date)
        over (partition by hashed_mac order by begins, ends) as number
      from ordered o cross join setting
    ), zone_firsts as (
      select hashed_mac, number, zone.id, min(zone.since) as since
      from numbered cross join unnest(zones, zones_since) zone (id, since)
      group by hashed_mac, number, zone.id
    ), zone_lists as (
      select hashed_mac, number, array_agg(id order by since, id) as zones,
        array_agg(since order by since, id) as zones_since
      from zone_firsts
      group by hashed_mac, number
    ), joined as (
      select hashed_mac, number, min(begins) as entry_time, max(ends) as exit_time,
        bool_or(is_persistent) as is_persistent, bool_or(is_resident) as is_resident,
        array_remove(array_agg(known), null) as known, array_remove(array_agg(burst), null) as bursts
      from numbered
      group by hashed_mac, number
    )
    select private.uuid_of(concat_ws('|', store, hashed_mac, extract(epoch from entry_time))),
      hashed_mac, entry_time, exit_time, zones, zones_since, is_persistent, is_resident, known, bursts,
      null::timestamptz, 0
    from joined join zone_lists using (hashed_mac, number);
end $$;

create or replace function private.write_sessions(store uuid, near private.sessions[],
  sessions private.session[])
returns void
language sql volatile set search_path = ''
as $$
  delete from private.sessions old
  using (select hashed_mac, entry_time from unnest(near)
    except select hashed_mac, entry_time from unnest(sessions)) gone
  where old.store_id = store and old.hashed_mac = gone.hashed_mac
    and old.entry_time = gone.entry_time;

  insert into private.sessions as old (store_id, hashed_mac, entry_time, exit_time, visit_id,
    visitor_id, zones, zones_since, is_persistent, is_resident)
  select store, hashed_mac, entry_time, exit_time, visit_id, private.visitor_id(store, hashed_mac),
    zones, zones_since, is_persistent, is_resident
  from unnest(sessions)
  on conflict (store_id, hashed_mac, entry_time) do update set exit_time = excluded.exit_time,
    zones = excluded.zones, zones_since = excluded.zones_since,
    is_persistent = excluded.is_persistent, is_resident = excluded.is_resident;
$$;

-- jsonb_populate_record gives each value the type that this database's visits have: in a table
-- that was here before us user_id may be text or uuid, zones_visited an array or json.
create or replace function private.write_visits(store uuid, visits private.session[]) returns void
language sql volatile set search_path = ''
as $$
  insert into public.visits as v (id, org_id, store_id, user_id, customer_id, visit_date,
    visitor_id, entry_time, exit_time, duration_minutes, zones_visited, source, metadata, created_at)
  select s.visit_id, setting.org_id, store, typed.user_id, typed.customer_id, typed.visit_date,
    private.visitor_id(store, s.hashed_mac), s.entry_time, s.exit_time,
    round(extract(epoch from s.exit_time - s.entry_time) / 60, 2),
    typed.zones_visited, 'neuralsense', jsonb_build_object('hashed_mac', s.hashed_mac), now()
  from unnest(visits) s
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

-- What visits were before news joined them into one, or showed that they were none.
create or replace function private.delete_visits(ids uuid[]) returns void
language sql volatile set search_path = ''
as $$
  delete from public.visit_zone_events where visit_id = any (ids) and source = 'neuralsense';
  delete from public.funnel_events where visit_id = any (ids) and source = 'neuralsense';
  delete from public.visits where id = any (ids) and source = 'neuralsense';
$$;
