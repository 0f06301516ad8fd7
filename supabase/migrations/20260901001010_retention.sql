-- What was sent is kept for a while, what it meant for ever: raw imports 30 days, zone_events and
-- zone_dwells 180 days, visits and what hangs on them until somebody deletes them.
-- A visit is a function of its events, so a reading that came for a time whose events are gone
-- would make half a visit of a whole one. Therefore what is pruned is sealed first: from then on
-- older readings are rejected (past_retention), and visits that can still change keep all events.
set local lock_timeout = '5s';

-- How far back a store was pruned. It never moves back: what is gone stays gone, even if the
-- setting grows. And when it is to be pruned again.
create table if not exists private.store_retention (
  store_id uuid primary key references public.stores (id) on delete cascade,
  pruned_before timestamptz not null,
  due_at timestamptz not null default '-infinity'
);
alter table private.store_retention enable row level security;
create policy "closed" on private.store_retention
  as restrictive for all to anon, authenticated using (false);
grant select, insert, update on private.store_retention to service_role;

-- Nothing is kept for less than two days: what is retried and what comes late must still find it.
create or replace function private.keeping(store uuid, setting text, usual_days numeric)
returns interval
language sql stable set search_path = ''
as $$
  select least(greatest(
    private.setting_number(s.settings, setting, usual_days, '-infinity', 'infinity'), 2), 36500)
    * interval '24 hours'
  from public.stores s where s.id = store
$$;

-- A visit can change by a reading at most a session gap after its end.
create or replace function private.sealed_until(store uuid) returns timestamptz
language sql stable set search_path = ''
as $$
  select r.pruned_before + setting.session_gap
  from private.store_retention r cross join private.store_settings(store) setting
  where r.store_id = store
$$;

-- The checks of rows from before, under new names, and one more check behind them.
do $$
begin
  if to_regprocedure('private.parsed_readings(uuid, jsonb)') is null then
    alter function private.checked_readings(uuid, jsonb) rename to parsed_readings;
    alter function private.checked_dwells(uuid, jsonb) rename to parsed_dwells;
  end if;
end $$;

create or replace function private.checked_readings(store uuid, batch jsonb)
returns table (index integer, reading_key text, hashed_mac text, event_time timestamptz,
  zone_id uuid, rssi_readings jsonb, position_x double precision, position_y double precision,
  confidence double precision, device_class text, code text)
language sql stable set search_path = ''
as $$
  select r.index, r.reading_key, r.hashed_mac, r.event_time, r.zone_id, r.rssi_readings,
    r.position_x, r.position_y, r.confidence, r.device_class,
    case when r.code is null and r.event_time < seal.until then 'past_retention' else r.code end
  from private.parsed_readings(store, batch) r
  cross join (select private.sealed_until(store) as until) seal
$$;

create or replace function private.checked_dwells(store uuid, batch jsonb)
returns table (index integer, hashed_mac text, zone_id uuid, entered_at timestamptz,
  exited_at timestamptz, dwell_seconds numeric, code text)
language sql stable set search_path = ''
as $$
  select d.index, d.hashed_mac, d.zone_id, d.entered_at, d.exited_at, d.dwell_seconds,
    case when d.code is null and d.entered_at < seal.until then 'past_retention' else d.code end
  from private.parsed_dwells(store, batch) d
  cross join (select private.sealed_until(store) as until) seal
$$;

-- Sessions of which a part lies on either side of an instant; none is longer than a day of 25 hours.
create or replace function private.sessions_across(store uuid, instant timestamptz)
returns table (hashed_mac text, entry_time timestamptz)
language sql stable set search_path = ''
as $$
  select s.hashed_mac, s.entry_time
  from private.sessions s
  where s.store_id = store and s.entry_time < instant
    and s.entry_time >= instant - interval '25 hours' and s.exit_time >= instant
$$;

create or replace function private.prune_raw_imports(store uuid, max_rows integer) returns bigint
language sql volatile set search_path = ''
as $$
  with pruned as (
    delete from public.raw_imports r
    where r.ctid = any (array(
      select old.ctid from public.raw_imports old
      where old.store_id = store and old.source = 'neuralsense'
        and old.created_at < now() - private.keeping(store, 'keep_raw_imports_days', 30)
      limit max_rows))
    returning 1
  )
  select count(*) from pruned
$$;

-- Zone by zone, because that is how zone_events are indexed by time.
create or replace function private.prune_zone_events(store uuid, before timestamptz,
  max_rows integer)
returns bigint
language sql volatile set search_path = ''
as $$
  with across as materialized (
    select * from private.sessions_across(store, before)
  ), pruned as (
    delete from public.zone_events e
    where e.ctid = any (array(
      select old.ctid
      from public.zones_dim zone
      cross join lateral (
        select z.ctid from public.zone_events z
        where z.zone_id = zone.id and z.store_id = store and z.event_time < before
          and z.reading_key is not null
          and not exists (select from across
            where across.hashed_mac = z.hashed_mac and across.entry_time <= z.event_time)
        limit max_rows) old
      where zone.store_id = store
      limit max_rows))
    returning 1
  )
  select count(*) from pruned
$$;

create or replace function private.prune_zone_dwells(store uuid, before timestamptz,
  max_rows integer)
returns bigint
language sql volatile set search_path = ''
as $$
  with across as materialized (
    select * from private.sessions_across(store, before)
  ), pruned as (
    delete from public.zone_dwells d
    where d.ctid = any (array(
      select old.ctid from public.zone_dwells old
      where old.store_id = store and old.exited_at < before
        and not exists (select from across
          where across.hashed_mac = old.hashed_mac and across.entry_time <= old.exited_at)
      limit max_rows))
    returning 1
  )
  select count(*) from pruned
$$;

-- Those that were no visits: what they were cannot change any more.
create or replace function private.prune_sessions(store uuid, before timestamptz, max_rows integer)
returns bigint
language sql volatile set search_path = ''
as $$
  with pruned as (
    delete from private.sessions s
    where s.ctid = any (array(
      select old.ctid from private.sessions old
      where old.store_id = store and old.exit_time < before and not old.is_visit
      limit max_rows))
    returning 1
  )
  select count(*) from pruned
$$;

-- Prunes one store, at most max_rows of each table, so that its uploads never wait for long: it
-- takes the lock that they take. Figures that the store's settings made stale are counted anew.
-- Answers with the counts; call it again while "more" is true.
create or replace function public.prune_store_data(store_id uuid, max_rows integer default 20000)
returns jsonb
language plpgsql volatile security invoker set search_path = '' set statement_timeout = '10min'
as $$
declare
  store constant uuid := prune_store_data.store_id;
  before timestamptz;
  raw_imports bigint;
  zone_events bigint;
  zone_dwells bigint;
  sessions bigint;
begin
  if max_rows < 1 then
    raise exception using errcode = 'PT422', message = 'max_rows must be at least 1';
  end if;
  if not exists (select from public.stores s where s.id = store) then
    raise exception using errcode = 'PT404', message = format('there is no store %s', store);
  end if;
  perform pg_advisory_xact_lock(hashtextextended('neuralsense|' || store, 0));
  insert into private.store_retention as old (store_id, pruned_before)
  values (store, now() - private.keeping(store, 'keep_zone_events_days', 180))
  on conflict on constraint store_retention_pkey do update
    set pruned_before = greatest(old.pruned_before, excluded.pruned_before)
  returning old.pruned_before into before;

  raw_imports := private.prune_raw_imports(store, max_rows);
  zone_events := private.prune_zone_events(store, before, max_rows);
  zone_dwells := private.prune_zone_dwells(store, before, max_rows);
  sessions := private.prune_sessions(store, before, max_rows);
  if not private.are_figures_kept(store) then
    perform private.count_figures(store);
  end if;
  return jsonb_build_object('pruned_before', before, 'raw_imports', raw_imports,
    'zone_events', zone_events, 'zone_dwells', zone_dwells, 'sessions', sessions,
    'more', coalesce(greatest(raw_imports, zone_events, zone_dwells, sessions) >= max_rows, false));
end $$;

-- Prunes the store that is due for longest: an hour after its last time, or at once where there is
-- more. One store in one transaction: no other's uploads wait for it, nor does its failure keep
-- others from being pruned. Answers with the store; null where none is due.
create or replace function private.prune_next_store() returns uuid
language plpgsql volatile set search_path = '' set statement_timeout = '10min'
as $$
declare
  store constant uuid := (
    select s.id
    from public.stores s left join private.store_retention r on r.store_id = s.id
    where coalesce(r.due_at, '-infinity') <= now()
    order by coalesce(r.due_at, '-infinity'), s.id
    limit 1);
  rest interval := '1 hour';
begin
  if store is null then
    return null;
  end if;
  begin
    if (public.prune_store_data(store) ->> 'more')::boolean then
      rest := '0';
    end if;
  exception when query_canceled or others then
    raise warning 'store % was not pruned: %', store, sqlerrm;
  end;
  insert into private.store_retention (store_id, pruned_before, due_at)
  values (store, '-infinity', now() + rest)
  on conflict on constraint store_retention_pkey do update set due_at = excluded.due_at;
  return store;
end $$;

-- Every hour where pg_cron is there; true if so. Without it, `npm run prune` does the same; with
-- pg_cron added later, call this once as the database's owner.
create or replace function private.schedule_pruning() returns boolean
language plpgsql volatile set search_path = ''
as $$
begin
  if to_regprocedure('cron.schedule(text, text, text)') is null then
    return false;
  end if;
  perform cron.schedule('neuralsense-prune', '* * * * *', 'select private.prune_next_store()');
  return true;
end $$;

select private.schedule_pruning();

revoke all on function private.keeping(uuid, text, numeric), private.sealed_until(uuid),
  private.checked_readings(uuid, jsonb), private.checked_dwells(uuid, jsonb),
  private.sessions_across(uuid, timestamptz), private.prune_raw_imports(uuid, integer),
  private.prune_zone_events(uuid, timestamptz, integer),
  private.prune_zone_dwells(uuid, timestamptz, integer),
  private.prune_sessions(uuid, timestamptz, integer), private.prune_next_store(),
  private.schedule_pruning(), public.prune_store_data(uuid, integer)
  from public, anon, authenticated;
grant execute on function private.keeping(uuid, text, numeric), private.sealed_until(uuid),
  private.checked_readings(uuid, jsonb), private.checked_dwells(uuid, jsonb),
  private.sessions_across(uuid, timestamptz), private.prune_raw_imports(uuid, integer),
  private.prune_zone_events(uuid, timestamptz, integer),
  private.prune_zone_dwells(uuid, timestamptz, integer),
  private.prune_sessions(uuid, timestamptz, integer), public.prune_store_data(uuid, integer)
  to service_role;
