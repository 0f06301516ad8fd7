-- What an operator asks besides ingest_health: which sensors are heard, and what is left undone.
-- In the manner of the figures: membership is checked first; readings and imports are closed to
-- users, so what looks at them has definer rights and gives away names, counts and times only.
set local lock_timeout = '5s';

create index if not exists raw_imports_failed_idx
  on public.raw_imports (store_id, created_at) where status = 'failed';

-- The last hour in stretches of five minutes, the 23 hours before it by the hour. Of each stretch and
-- zone a few readings are looked at, whatever their number: a sensor of a busy shop is in one of them.
create or replace function private.sensors_heard(store uuid, as_of timestamptz)
returns table (sensor_id text, last_heard_at timestamptz)
language plpgsql stable security definer rows 20 set search_path = ''
as $$
begin
  perform private.require_member(store);
  return query
    select sensor.id, max(heard.event_time)
    from (
      select as_of - make_interval(mins => 5 * n) as until, interval '5 minutes' as length
      from generate_series(0, 11) n
      union all
      select as_of - make_interval(hours => n), interval '1 hour' from generate_series(1, 23) n
    ) stretch
    cross join public.zones_dim zone
    cross join lateral (
      select e.event_time, e.rssi_readings
      from public.zone_events e
      where e.zone_id = zone.id and e.store_id = store and e.reading_key is not null
        and e.event_time > stretch.until - stretch.length and e.event_time <= stretch.until
      order by e.event_time desc
      limit 4) heard
    cross join lateral jsonb_object_keys(heard.rssi_readings) sensor (id)
    where zone.store_id = store
    group by sensor.id;
end $$;

create or replace function private.failed_imports(store uuid)
returns table (failed integer, oldest_at timestamptz)
language plpgsql stable security definer rows 1 set search_path = ''
as $$
begin
  perform private.require_member(store);
  return query
    select count(*)::integer, min(i.created_at)::timestamptz
    from public.raw_imports i
    where i.store_id = store and i.status = 'failed' and i.source = 'neuralsense';
end $$;

-- The sensors that contributed to a reading in the 24 hours before as_of, by their names.
create or replace function public.ingest_sensors(store_id uuid, as_of timestamptz default now())
returns table (sensor_id text, last_heard_at timestamptz, seconds_since double precision)
language sql stable security invoker set search_path = ''
as $$
  select private.require_member(ingest_sensors.store_id);
  select private.require_instant(as_of);
  select heard.sensor_id, heard.last_heard_at,
    extract(epoch from coalesce(as_of, now()) - heard.last_heard_at)::float8
  from private.sensors_heard(ingest_sensors.store_id, coalesce(as_of, now())) heard
  order by length(heard.sensor_id), heard.sensor_id;
$$;

-- Batches that arrived and could not be processed so far, and since when the oldest waits.
create or replace function public.ingest_backlog(store_id uuid)
returns table (failed_imports integer, oldest_failed_at timestamptz)
language sql stable security invoker set search_path = ''
as $$
  select private.require_member(ingest_backlog.store_id);
  select waiting.failed, waiting.oldest_at
  from private.failed_imports(ingest_backlog.store_id) waiting;
$$;

revoke all on function private.sensors_heard(uuid, timestamptz), private.failed_imports(uuid)
  from public, anon;
grant execute on function private.sensors_heard(uuid, timestamptz), private.failed_imports(uuid)
  to authenticated;
revoke all on function public.ingest_sensors(uuid, timestamptz), public.ingest_backlog(uuid)
  from public, anon, service_role;
grant execute on function public.ingest_sensors(uuid, timestamptz), public.ingest_backlog(uuid)
  to authenticated;
