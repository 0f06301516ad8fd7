-- The one door for sensor data: a batch is taken whole, once, in one transaction.

-- Answers with the readings that were new, and with those of which more is known now.
create or replace function private.write_zone_events(store uuid, batch jsonb)
returns setof private.sighting
language sql volatile set search_path = ''
as $$
  insert into public.zone_events as old (id, org_id, store_id, zone_id, batch_id, reading_key,
    hashed_mac, event_time, sensor_type, rssi_readings, position_x, position_y, confidence,
    device_class, created_at)
  select distinct on (r.reading_key) private.uuid_of(store || '|' || r.reading_key),
    setting.org_id, store, r.zone_id, (batch ->> 'batch_id')::uuid, r.reading_key, r.hashed_mac,
    r.event_time, 'wifi', r.rssi_readings, r.position_x, r.position_y, r.confidence,
    r.device_class, now()
  from private.checked_readings(store, batch) r cross join private.store_settings(store) setting
  where r.code is null
  order by r.reading_key, private.class_rank(r.device_class) desc, r.index
  on conflict (store_id, reading_key) do update set device_class = excluded.device_class
  where private.class_rank(excluded.device_class) > private.class_rank(old.device_class)
  returning hashed_mac, event_time, event_time, zone_id, device_class, xmax = 0
$$;

-- Should one stay come with two ends, the longer one stands, whichever came first.
create or replace function private.write_zone_dwells(store uuid, batch jsonb)
returns setof private.sighting
language sql volatile set search_path = ''
as $$
  insert into public.zone_dwells as old
    (store_id, hashed_mac, zone_id, entered_at, exited_at, dwell_seconds, created_at)
  select distinct on (hashed_mac, entered_at, zone_id)
    store, hashed_mac, zone_id, entered_at, exited_at, dwell_seconds, now()
  from private.checked_dwells(store, batch)
  where code is null
  order by hashed_mac, entered_at, zone_id, exited_at desc, dwell_seconds desc
  on conflict (store_id, hashed_mac, entered_at, zone_id) do update set
    exited_at = excluded.exited_at, dwell_seconds = excluded.dwell_seconds
  where (excluded.exited_at, excluded.dwell_seconds) > (old.exited_at, old.dwell_seconds)
  returning hashed_mac, entered_at, exited_at, zone_id, null::text, null::boolean
$$;

create or replace function private.transform_batch(batch jsonb, run uuid) returns jsonb
language plpgsql volatile set search_path = ''
as $$
declare
  store constant uuid := (batch ->> 'store_id')::uuid;
  rejections constant jsonb := private.rejections(store, batch);
  heard constant private.sighting[] := array(select s from private.write_zone_events(store, batch) s);
  stayed constant private.sighting[] := array(select s from private.write_zone_dwells(store, batch) s);
begin
  perform private.keep_bursts(store, heard, (batch ->> 'batch_id')::uuid);
  return jsonb_build_object(
    'batch_id', batch -> 'batch_id',
    'run_id', run,
    'duplicate', false,
    'counts', jsonb_build_object(
      'readings', jsonb_array_length(coalesce(batch -> 'readings', '[]')),
      'dwells', jsonb_array_length(coalesce(batch -> 'dwells', '[]')),
      'zone_events', (select count(*) from unnest(heard) h where h.is_new),
      'rejected', jsonb_array_length(rejections)) || private.derive_visits(store, heard, stayed),
    'rejections', rejections);
end $$;

-- One message a batch, with no hash in it; a dashboard fetches what it wants to show. Realtime may
-- be missing, and a message may be lost, but neither may cost a batch.
create or replace function private.announce(store uuid, result jsonb) returns void
language plpgsql volatile set search_path = ''
as $$
begin
  if to_regprocedure('realtime.send(jsonb, text, text, boolean)') is null then
    return;
  end if;
  execute 'select realtime.send($1, $2, $3, true)' using
    jsonb_build_object('store_id', store, 'batch_id', result -> 'batch_id',
      'run_id', result -> 'run_id', 'counts', result -> 'counts', 'at', now()),
    'batch_ingested', 'store:' || store || ':live';
exception when others then
  raise warning 'realtime.send: %', sqlerrm;
end $$;

-- SQLSTATEs that begin with PT become the HTTP status that follows (PostgREST).
create or replace function private.keep_raw_import(batch jsonb) returns public.raw_imports
language plpgsql volatile set search_path = ''
as $$
declare
  this_hash constant text := encode(sha256(convert_to(batch::text, 'UTF8')), 'hex');
  kept public.raw_imports;
begin
  insert into public.raw_imports
    (id, batch_id, org_id, store_id, source, payload, payload_hash, status, created_at)
  values (gen_random_uuid(), (batch ->> 'batch_id')::uuid, (batch ->> 'org_id')::uuid,
    (batch ->> 'store_id')::uuid, 'neuralsense', batch, this_hash, 'received', now())
  on conflict (batch_id) where source = 'neuralsense' do nothing;

  select * into strict kept from public.raw_imports
  where batch_id = (batch ->> 'batch_id')::uuid and source = 'neuralsense';
  if kept.payload_hash <> this_hash then
    raise exception using errcode = 'PT409',
      message = 'this batch_id was already received with another payload';
  end if;
  return kept;
end $$;

create or replace function private.require_store(batch jsonb) returns void
language plpgsql stable set search_path = ''
as $$
begin
  if num_nulls(private.as_uuid(batch ->> 'batch_id'), private.as_uuid(batch ->> 'store_id'),
    private.as_uuid(batch ->> 'org_id')) > 0
  then
    raise exception using errcode = 'PT422', message = 'batch_id, store_id and org_id must be uuids';
  end if;
  if not exists (select from public.stores
    where id = (batch ->> 'store_id')::uuid and org_id = (batch ->> 'org_id')::uuid)
  then
    raise exception using errcode = 'PT403', message = 'this organisation has no such store';
  end if;
end $$;

-- Stores one batch of readings and dwells. Returns the contract's IngestResult; or, when the
-- transform failed, {"error": {"code", "message"}, "run_id"}: then the raw import and the failed run are
-- kept, nothing else is, and the same batch may be sent again. What is transformed is the import as
-- it is kept: a phone that was forgotten since the first time is no longer in it. The lock makes
-- batches of one store follow each other, so that two of them never derive the same visit at once.
create or replace function public.ingest_neuralsense_batch(batch jsonb) returns jsonb
language plpgsql volatile security invoker set search_path = '' set jit = off
as $$
declare
  run constant uuid := gen_random_uuid();
  import public.raw_imports;
  answer jsonb;
  failure text;
begin
  perform private.require_store(batch);
  perform pg_advisory_xact_lock(hashtextextended('neuralsense|' || (batch ->> 'store_id'), 0));
  import := private.keep_raw_import(batch);
  if import.result is not null then
    return import.result || '{"duplicate": true}';
  end if;
  insert into public.etl_runs (id, org_id, store_id, batch_id, etl_function, status, started_at)
  values (run, import.org_id, import.store_id, import.batch_id, 'process-neuralsense-data',
    'running', clock_timestamp());

  begin
    answer := private.transform_batch(import.payload, run);
  exception when others then
    -- Members may read it, and it may quote what was sent.
    get stacked diagnostics failure = message_text;
    failure := regexp_replace(failure, '[0-9a-fA-F]{64}', '<hash>', 'g');
    update public.etl_runs set status = 'failed', completed_at = clock_timestamp(),
      error_code = sqlstate, error_message = failure where id = run;
    update public.raw_imports set status = 'failed' where id = import.id;
    return jsonb_build_object('run_id', run,
      'error', jsonb_build_object('code', sqlstate, 'message', failure));
  end;

  update public.etl_runs set status = 'completed', completed_at = clock_timestamp(),
    counters = answer -> 'counts', rejections = answer -> 'rejections' where id = run;
  update public.raw_imports set status = 'completed', result = answer
  where id = import.id;
  perform private.announce(import.store_id, answer);
  return answer;
end $$;

-- Which store a gateway's token stands for; null for a token that is unknown, revoked or expired.
create or replace function public.verify_ingest_token(token_hash text) returns jsonb
language sql stable security invoker set search_path = ''
as $$
  select jsonb_build_object('store_id', store.id, 'org_id', store.org_id)
  from public.ingest_tokens token join public.stores store on store.id = token.store_id
  where token.token_hash = verify_ingest_token.token_hash
    and token.revoked_at is null
    and (token.expires_at is null or token.expires_at > now())
$$;

-- The contract's ZoneDirectory. What a row leaves open is left out: who asks for uuids alone must
-- not be refused for a position.
create or replace function public.zone_directory(store_id uuid) returns jsonb
language sql stable security invoker set search_path = ''
as $$
  select jsonb_build_object(
    'store_id', zone_directory.store_id,
    'zones', coalesce((
      select jsonb_agg(jsonb_strip_nulls(jsonb_build_object('zone_code', zone.zone_code,
          'zone_id', zone.id, 'zone_name', zone.zone_name, 'zone_type', zone.zone_type,
          'x', zone.position_x, 'y', zone.position_z))
        order by length(zone.zone_code), zone.zone_code)
      from public.zones_dim zone
      where zone.store_id = zone_directory.store_id and zone.is_active is not false), '[]'),
    'sensors', coalesce((
      select jsonb_agg(jsonb_strip_nulls(jsonb_build_object('sensor_code', sensor.sensor_code,
          'x', sensor.position_x, 'y', sensor.position_z, 'z', sensor.position_y,
          'offset_db', sensor.offset_db))
        order by sensor.sensor_code)
      from public.sensors sensor
      where sensor.store_id = zone_directory.store_id and sensor.is_active is not false
        and sensor.sensor_code is not null), '[]'))
$$;

revoke all on all functions in schema private from public, anon, authenticated;
grant execute on all functions in schema private to service_role;
grant execute on function private.my_org_ids() to authenticated;

revoke all on function public.ingest_neuralsense_batch(jsonb), public.verify_ingest_token(text),
  public.zone_directory(uuid) from public, anon, authenticated;
grant execute on function public.ingest_neuralsense_batch(jsonb), public.verify_ingest_token(text),
  public.zone_directory(uuid) to service_role;
