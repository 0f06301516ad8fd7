-- From a batch to rows that can be trusted: each row gets its values or a rejection code.

-- A uuid that is the same wherever and whenever it is made (version 8: made from a digest).
create or replace function private.uuid_of(parts text) returns uuid
language sql immutable strict parallel safe set search_path = ''
as $$
  select overlay(overlay(
    encode(substring(sha256(convert_to(parts, 'UTF8')) for 16), 'hex')
    placing '8' from 13) placing '8' from 17)::uuid
$$;

create or replace function private.visitor_id(store uuid, hashed_mac text) returns uuid
language sql immutable strict parallel safe set search_path = ''
as $$ select private.uuid_of(store || '|' || hashed_mac) $$;

-- Null for whatever is no instant; 'now', 'infinity' and the like are no instants here.
create or replace function private.instant(written text) returns timestamptz
language plpgsql stable strict set search_path = ''
as $$
begin
  if written !~ '^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$' then
    return null;
  end if;
  return written::timestamptz;
exception when data_exception then
  return null;
end $$;

create or replace function private.as_uuid(written text) returns uuid
language sql immutable strict parallel safe set search_path = ''
as $$
  select case
    when written ~ '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$'
    then written::uuid
  end
$$;

create or replace function private.as_hash(written text) returns text
language sql immutable strict parallel safe set search_path = ''
as $$ select case when written ~ '^[0-9a-f]{64}$' then written end $$;

-- JSON's numbers have no bounds, the cast has: it would fail the whole batch.
create or replace function private.as_number(value jsonb) returns double precision
language sql immutable strict parallel safe set search_path = ''
as $$
  select case when jsonb_typeof(value) = 'number' then case
    when abs(value::numeric) < 1e-300 then 0
    when abs(value::numeric) <= 1e300 then value::double precision
  end end
$$;

-- Gateways' clocks may run ahead a little; a row from further ahead would poison every "latest".
create or replace function private.rejection(is_whole boolean, at timestamptz, zone_found boolean)
returns text
language sql stable set search_path = ''
as $$
  select case
    when is_whole is not true then 'invalid_row'
    when at > now() + interval '10 minutes' then 'future_timestamp'
    when not zone_found then 'unknown_zone'
  end
$$;

-- Orders the classes of one reading: what was known later outweighs what was known before, so the
-- class that is kept does not depend on which came first. No class counts as a visitor's.
create or replace function private.class_rank(device_class text) returns integer
language sql immutable parallel safe set search_path = ''
as $$
  select case device_class
    when 'unknown_burst' then 0 when 'fixed_burst' then 1 when 'randomised_burst' then 2
    when 'unknown_visitor' then 4 when 'fixed_visitor' then 5 when 'randomised_visitor' then 6
    when 'unknown_resident' then 7 when 'fixed_resident' then 8 when 'randomised_resident' then 9
    else 3 end
$$;

create or replace function private.is_class(value jsonb) returns boolean
language sql immutable parallel safe set search_path = ''
as $$
  select value is null or coalesce(value #>> '{}', '')
    ~ '^(fixed|randomised|unknown)_(burst|visitor|resident)$' and jsonb_typeof(value) = 'string'
$$;

-- reading_key: one phone, one instant, one set of signals. Two lines of one phone in one window
-- differ in their signals and are two events; the same line sent again is none.
create or replace function private.checked_readings(store uuid, batch jsonb)
returns table (index integer, reading_key text, hashed_mac text, event_time timestamptz,
  zone_id uuid, rssi_readings jsonb, position_x double precision, position_y double precision,
  confidence double precision, device_class text, code text)
language sql stable set search_path = ''
as $$
  select (item.ordinality - 1)::integer,
    encode(sha256(convert_to(concat_ws('|', v.hashed_mac, extract(epoch from v.event_time),
      v.rssi_readings), 'UTF8')), 'hex'),
    v.hashed_mac, v.event_time, v.zone_id, v.rssi_readings, v.x, v.y, v.confidence,
    v.device_class,
    private.rejection(
      num_nulls(v.hashed_mac, v.event_time, v.zone_id, v.x, v.y) = 0
        and (v.confidence is not null
          or item.value -> 'estimated_position' -> 'confidence' is null)
        and jsonb_typeof(v.rssi_readings) = 'object'
        and private.is_class(item.value -> 'device_class'),
      v.event_time, zone.id is not null)
  from jsonb_array_elements(coalesce(batch -> 'readings', '[]')) with ordinality item (value)
  cross join lateral (select
    private.as_hash(item.value ->> 'hashed_mac') as hashed_mac,
    private.instant(item.value ->> 'timestamp') as event_time,
    private.as_uuid(item.value ->> 'zone_id') as zone_id,
    item.value -> 'rssi_readings' as rssi_readings,
    private.as_number(item.value -> 'estimated_position' -> 'x') as x,
    private.as_number(item.value -> 'estimated_position' -> 'y') as y,
    private.as_number(item.value -> 'estimated_position' -> 'confidence') as confidence,
    item.value ->> 'device_class' as device_class) v
  left join public.zones_dim zone on zone.id = v.zone_id and zone.store_id = store
$$;

-- A dwell lasts as long as from its enter to its exit; a second is for rounding. Nobody stays for
-- more than two days: one such row would outweigh all others in every sum.
create or replace function private.checked_dwells(store uuid, batch jsonb)
returns table (index integer, hashed_mac text, zone_id uuid, entered_at timestamptz,
  exited_at timestamptz, dwell_seconds numeric, code text)
language sql stable set search_path = ''
as $$
  select (item.ordinality - 1)::integer,
    v.hashed_mac, v.zone_id, v.entered_at, v.exited_at, v.dwell_seconds::numeric,
    private.rejection(
      num_nulls(v.hashed_mac, v.zone_id, v.entered_at, v.exited_at, v.dwell_seconds) = 0
        and v.exited_at >= v.entered_at and v.dwell_seconds >= 0
        and v.exited_at - v.entered_at <= interval '2 days'
        and abs(v.dwell_seconds - extract(epoch from v.exited_at - v.entered_at)::float8) <= 1,
      v.exited_at, zone.id is not null)
  from jsonb_array_elements(coalesce(batch -> 'dwells', '[]')) with ordinality item (value)
  cross join lateral (select
    private.as_hash(item.value ->> 'hashed_mac') as hashed_mac,
    private.as_uuid(item.value ->> 'zone_id') as zone_id,
    private.instant(item.value ->> 'enter_timestamp') as entered_at,
    private.instant(item.value ->> 'exit_timestamp') as exited_at,
    private.as_number(item.value -> 'dwell_seconds') as dwell_seconds) v
  left join public.zones_dim zone on zone.id = v.zone_id and zone.store_id = store
$$;

create or replace function private.rejections(store uuid, batch jsonb) returns jsonb
language sql stable set search_path = ''
as $$
  select coalesce(jsonb_agg(
      jsonb_build_object('list', list, 'index', index, 'code', code)
      order by list desc, index), '[]')
  from (
    select 'readings' as list, index, code from private.checked_readings(store, batch)
    union all
    select 'dwells', index, code from private.checked_dwells(store, batch)
  ) rows
  where code is not null
$$;
