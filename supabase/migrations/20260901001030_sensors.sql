-- Where a store's sensors hang, and the layout that a gateway may take from here instead of files.
-- As with zones, y points up: the floor plan's y is position_z, and position_y the height.
set local lock_timeout = '5s';

create table if not exists public.sensors (
  id uuid primary key default gen_random_uuid(),
  org_id uuid not null references public.organisations (id) on delete cascade,
  store_id uuid not null references public.stores (id) on delete cascade,
  sensor_code text not null check (sensor_code ~ '^[A-Za-z0-9_.:-]{1,64}$'),
  position_x double precision not null,
  position_y double precision not null default 2,
  position_z double precision not null,
  offset_db double precision not null default 0,
  is_active boolean not null default true,
  created_at timestamptz not null default now()
);
alter table public.sensors
  add column if not exists org_id uuid,
  add column if not exists store_id uuid,
  add column if not exists sensor_code text,
  add column if not exists position_x double precision,
  add column if not exists position_y double precision,
  add column if not exists position_z double precision,
  add column if not exists offset_db double precision,
  add column if not exists is_active boolean,
  add column if not exists created_at timestamptz;
create index if not exists sensors_org_id_idx on public.sensors (org_id);
create unique index if not exists sensors_store_id_code_idx on public.sensors (store_id, sensor_code);
comment on column public.sensors.sensor_code is 'sensor_id of its readings';
comment on column public.sensors.offset_db is 'How much more it hears than the others';

alter table public.sensors enable row level security;
do $$
begin
  if not exists (select from private.adopted_tables where table_name = 'sensors') then
    revoke all on table public.sensors from anon, authenticated;
  end if;
end $$;
grant select, insert, update, delete on table public.sensors to service_role;
grant select on public.sensors to authenticated;
create policy "members read their sensors" on public.sensors
  for select to authenticated using (org_id in (select private.my_org_ids()));

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
