-- Who owns what: organisations, their members, their stores, and the zones and sensors of a store.
set local lock_timeout = '5s';

create table if not exists public.organisations (
  id uuid primary key default gen_random_uuid(),
  name text not null,
  created_at timestamptz not null default now()
);

create table if not exists public.org_members (
  org_id uuid not null references public.organisations (id) on delete cascade,
  user_id uuid not null,
  role text not null default 'viewer' check (role in ('owner', 'manager', 'viewer')),
  created_at timestamptz not null default now(),
  primary key (org_id, user_id)
);
create index if not exists org_members_user_id_idx on public.org_members (user_id);

-- auth.users is Supabase's own; other Postgres servers may lack it.
do $$
begin
  if to_regclass('auth.users') is not null and not exists (
    select from pg_catalog.pg_constraint where conname = 'org_members_user_id_fkey'
  ) then
    alter table public.org_members add constraint org_members_user_id_fkey
      foreign key (user_id) references auth.users (id) on delete cascade;
  end if;
end $$;

create table if not exists public.stores (
  id uuid primary key default gen_random_uuid(),
  org_id uuid not null references public.organisations (id) on delete cascade,
  store_name text not null,
  time_zone text not null default 'UTC',
  settings jsonb not null default '{}',
  created_at timestamptz not null default now()
);
alter table public.stores
  add column if not exists org_id uuid,
  add column if not exists store_name text,
  add column if not exists time_zone text,
  add column if not exists settings jsonb,
  add column if not exists created_at timestamptz;
create index if not exists stores_org_id_idx on public.stores (org_id);
comment on column public.stores.settings is
  'session_gap_minutes (15), day_starts_at_hour (4), engage_after_seconds (60), system_user_id (system), '
  'visit_at_least_seconds (60), bounce_under_seconds (120), live_window_minutes (10), '
  'bursts_per_person_minute (0.78), bursts_spread (0.25), mean_stay_minutes (that of the visits), '
  'keep_raw_imports_days (30), keep_zone_events_days (180)';

create table if not exists public.zones_dim (
  id uuid primary key default gen_random_uuid(),
  org_id uuid not null references public.organisations (id) on delete cascade,
  store_id uuid not null references public.stores (id) on delete cascade,
  zone_code text not null,
  zone_name text not null,
  zone_type text not null,
  position_x double precision not null,
  position_y double precision not null default 0,
  position_z double precision not null,
  is_active boolean not null default true,
  created_at timestamptz not null default now(),
  unique (store_id, zone_code)
);
alter table public.zones_dim
  add column if not exists org_id uuid,
  add column if not exists store_id uuid,
  add column if not exists zone_code text,
  add column if not exists zone_name text,
  add column if not exists zone_type text,
  add column if not exists position_x double precision,
  add column if not exists position_y double precision,
  add column if not exists position_z double precision,
  add column if not exists is_active boolean,
  add column if not exists created_at timestamptz;
create index if not exists zones_dim_org_id_idx on public.zones_dim (org_id);
create index if not exists zones_dim_store_id_idx on public.zones_dim (store_id, zone_code);

-- As with zones, y points up: the floor plan's y is position_z, and position_y the height.
create table if not exists public.sensors (
  id uuid primary key default gen_random_uuid(),
  org_id uuid not null references public.organisations (id) on delete cascade,
  store_id uuid not null references public.stores (id) on delete cascade,
  sensor_code text not null check (char_length(sensor_code) between 1 and 64
    and sensor_code !~ '[\s/+#[:cntrl:]]'),
  position_x double precision,
  position_y double precision not null default 2,
  position_z double precision,
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
