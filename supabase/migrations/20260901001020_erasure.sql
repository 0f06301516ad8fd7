-- One phone is forgotten by one store: all rows that it caused, and its lines in what was received.

-- How many rows of each table know a phone. All zeros: nothing is left of it.
create or replace function public.phone_traces(store_id uuid, hashed_mac text) returns jsonb
language sql stable security invoker set search_path = '' set statement_timeout = '10min'
as $$
  with phone as materialized (
    select phone_traces.store_id as store, phone_traces.hashed_mac as hash,
      private.visitor_id(phone_traces.store_id, phone_traces.hashed_mac) as visitor
  ), seen as materialized (
    select v.id from phone join public.visits v on v.visitor_id = visitor and v.source = 'neuralsense'
  )
  select jsonb_build_object(
    'zone_events', (select count(*) from phone
      join public.zone_events e on e.store_id = store and e.hashed_mac = hash),
    'zone_dwells', (select count(*) from phone
      join public.zone_dwells d on d.store_id = store and d.hashed_mac = hash),
    'sessions', (select count(*) from phone
      join private.sessions s on s.store_id = store and s.hashed_mac = hash),
    'visits', (select count(*) from seen),
    'visit_zone_events', (select count(*) from seen
      join public.visit_zone_events z on z.visit_id = seen.id and z.source = 'neuralsense'),
    'funnel_events', (select count(*) from seen
      join public.funnel_events f on f.visit_id = seen.id and f.source = 'neuralsense'),
    'raw_imports', (select count(*) from phone
      join public.raw_imports r on r.store_id = store and r.source = 'neuralsense'
        and strpos(concat(r.payload, r.result), hash) > 0),
    'etl_runs', (select count(*) from phone
      join public.etl_runs r on r.store_id = store
        and strpos(concat(r.error_message, r.rejections), hash) > 0))
$$;

-- A list of a batch without the rows of one phone.
create or replace function private.without_phone(list jsonb, hash text) returns jsonb
language sql immutable set search_path = ''
as $$
  select coalesce(jsonb_agg(item order by place) filter (where strpos(item::text, hash) = 0), '[]')
  from jsonb_array_elements(list) with ordinality listed (item, place)
$$;

-- The rows go, the rest of the batch stays; wherever else the hash may stand, it is overwritten.
create or replace function private.redacted(document jsonb, hash text) returns jsonb
language plpgsql immutable set search_path = ''
as $$
declare
  list text;
begin
  foreach list in array array['readings', 'dwells'] loop
    if jsonb_typeof(document -> list) = 'array' then
      document := jsonb_set(document, array[list], private.without_phone(document -> list, hash));
    end if;
  end loop;
  return replace(document::text, hash, 'forgotten')::jsonb;
end $$;

-- Removes every row of a phone, and its rows in the payloads that were received. Answers with the
-- traces that it found and removed, and with those that are left: none. The payload's hash stays,
-- so that a gateway that sends the batch once more is told that it was received: the phone does not
-- come back with a retry. Payloads have no index for this: it reads all that the store still has.
create or replace function public.forget_phone(store_id uuid, hashed_mac text) returns jsonb
language plpgsql volatile security invoker set search_path = '' set statement_timeout = '10min'
as $$
declare
  store constant uuid := forget_phone.store_id;
  hash constant text := private.as_hash(forget_phone.hashed_mac);
  found jsonb;
  visits private.visit_span[];
  stretches private.visit_span[];
  counted private.figure[];
begin
  if hash is null then
    raise exception using errcode = 'PT422', message = 'hashed_mac must be 64 hexadecimal digits';
  end if;
  if not exists (select from public.stores s where s.id = store) then
    raise exception using errcode = 'PT404', message = format('there is no store %s', store);
  end if;
  perform pg_advisory_xact_lock(hashtextextended('neuralsense|' || store, 0));
  found := public.phone_traces(store, hash);

  visits := array(
    select row(s.visit_id, s.hashed_mac, s.entry_time, s.exit_time)::private.visit_span
    from private.sessions s where s.store_id = store and s.hashed_mac = hash and s.is_visit);
  stretches := array[row(null, hash, '-infinity', 'infinity')::private.visit_span];
  if private.keep_figures(store) then
    counted := array(select f from private.all_figures_of(store, visits, stretches) f);
  end if;
  perform private.change_figures(store, counted, '{}');
  perform private.delete_visits(array(
    select v.id from public.visits v
    where v.visitor_id = private.visitor_id(store, hash) and v.source = 'neuralsense'));
  perform private.forget_bursts(store, hash);
  delete from private.sessions s where s.store_id = store and s.hashed_mac = hash;
  delete from public.zone_events e where e.store_id = store and e.hashed_mac = hash;
  delete from public.zone_dwells d where d.store_id = store and d.hashed_mac = hash;
  update public.raw_imports r
  set payload = private.redacted(r.payload, hash), result = private.redacted(r.result, hash)
  where r.store_id = store and r.source = 'neuralsense'
    and strpos(concat(r.payload, r.result), hash) > 0;
  update public.etl_runs r
  set error_message = replace(r.error_message, hash, 'forgotten'),
    rejections = private.redacted(r.rejections, hash)
  where r.store_id = store and strpos(concat(r.error_message, r.rejections), hash) > 0;
  return jsonb_build_object('removed', found, 'left', public.phone_traces(store, hash));
end $$;

revoke all on function public.phone_traces(uuid, text), private.without_phone(jsonb, text),
  private.redacted(jsonb, text), public.forget_phone(uuid, text)
  from public, anon, authenticated;
grant execute on function public.phone_traces(uuid, text), private.without_phone(jsonb, text),
  private.redacted(jsonb, text), public.forget_phone(uuid, text) to service_role;
