-- What happened in the stores. zone_events and zone_dwells are what was sent; visits,
-- visit_zone_events and funnel_events are derived from them and can be derived again.
-- Unique indexes cover our own rows only: rows that were here before us cannot violate them.
set local lock_timeout = '5s';

create table if not exists public.zone_events (
  id uuid primary key,
  org_id uuid not null,
  store_id uuid not null references public.stores (id) on delete cascade,
  zone_id uuid not null references public.zones_dim (id),
  batch_id uuid not null,
  reading_key text not null,
  hashed_mac text not null,
  event_time timestamptz not null,
  sensor_type text not null,
  rssi_readings jsonb not null,
  position_x double precision not null,
  position_y double precision not null,
  confidence double precision,
  device_class text,
  created_at timestamptz not null default now()
);
alter table public.zone_events
  add column if not exists id uuid,
  add column if not exists org_id uuid,
  add column if not exists store_id uuid,
  add column if not exists zone_id uuid,
  add column if not exists batch_id uuid,
  add column if not exists reading_key text,
  add column if not exists hashed_mac text,
  add column if not exists event_time timestamptz,
  add column if not exists sensor_type text,
  add column if not exists rssi_readings jsonb,
  add column if not exists position_x double precision,
  add column if not exists position_y double precision,
  add column if not exists confidence double precision,
  add column if not exists device_class text,
  add column if not exists created_at timestamptz;
alter table public.zone_events alter column confidence drop not null;
comment on column public.zone_events.confidence is
  'Probability of the zone, 0…1; null: whoever placed the phone gave none';
comment on column public.zone_events.device_class is
  'Kind of address × behaviour so far, fixed_burst … unknown_resident; null: a visitor''s';
-- The selective column comes first: by store_id alone this index must never look worth reading.
create unique index if not exists zone_events_reading_key
  on public.zone_events (reading_key, store_id);
create index if not exists zone_events_visitor_idx
  on public.zone_events (store_id, hashed_mac, event_time);
create index if not exists zone_events_zone_id_idx on public.zone_events (zone_id, event_time);
create index if not exists zone_events_created_at_idx
  on public.zone_events using brin (created_at);

create table if not exists public.zone_dwells (
  store_id uuid not null references public.stores (id) on delete cascade,
  hashed_mac text not null,
  zone_id uuid not null references public.zones_dim (id),
  entered_at timestamptz not null,
  exited_at timestamptz not null check (exited_at >= entered_at),
  dwell_seconds numeric not null,
  created_at timestamptz not null default now(),
  primary key (store_id, hashed_mac, entered_at, zone_id)
);
create index if not exists zone_dwells_visitor_idx
  on public.zone_dwells (store_id, hashed_mac, exited_at);
create index if not exists zone_dwells_zone_id_idx on public.zone_dwells (zone_id);

create table if not exists public.visits (
  id uuid primary key,
  org_id uuid not null,
  store_id uuid not null references public.stores (id) on delete cascade,
  user_id text not null,
  customer_id uuid,
  visit_date date not null,
  visitor_id uuid,
  entry_time timestamptz,
  exit_time timestamptz,
  duration_minutes numeric,
  zones_visited uuid[],
  source text,
  metadata jsonb,
  created_at timestamptz not null default now()
);
alter table public.visits
  add column if not exists id uuid,
  add column if not exists org_id uuid,
  add column if not exists store_id uuid,
  add column if not exists user_id text,
  add column if not exists customer_id uuid,
  add column if not exists visit_date date,
  add column if not exists visitor_id uuid,
  add column if not exists entry_time timestamptz,
  add column if not exists exit_time timestamptz,
  add column if not exists duration_minutes numeric,
  add column if not exists zones_visited uuid[],
  add column if not exists source text,
  add column if not exists metadata jsonb,
  add column if not exists created_at timestamptz;
create unique index if not exists visits_neuralsense_key
  on public.visits (visitor_id, entry_time, store_id) where source = 'neuralsense';
create index if not exists visits_store_id_idx on public.visits (store_id, entry_time);
create index if not exists visits_neuralsense_created_at_idx
  on public.visits (created_at) where source = 'neuralsense';
comment on column public.visits.visitor_id is
  'Stands for one hashed MAC address in one store; not the hash itself';

create table if not exists public.visit_zone_events (
  id uuid primary key,
  org_id uuid not null,
  store_id uuid not null references public.stores (id) on delete cascade,
  visit_id uuid not null,
  zone_id uuid not null references public.zones_dim (id),
  sequence integer not null,
  entered_at timestamptz not null,
  exited_at timestamptz not null,
  dwell_seconds numeric not null,
  zone_seconds numeric not null,
  engaged_at timestamptz,
  origin text not null check (origin in ('dwell', 'readings')),
  source text not null,
  created_at timestamptz not null default now()
);
alter table public.visit_zone_events
  add column if not exists id uuid,
  add column if not exists org_id uuid,
  add column if not exists store_id uuid,
  add column if not exists visit_id uuid,
  add column if not exists zone_id uuid,
  add column if not exists sequence integer,
  add column if not exists entered_at timestamptz,
  add column if not exists exited_at timestamptz,
  add column if not exists dwell_seconds numeric,
  add column if not exists zone_seconds numeric,
  add column if not exists engaged_at timestamptz,
  add column if not exists origin text,
  add column if not exists source text,
  add column if not exists created_at timestamptz;
create unique index if not exists visit_zone_events_neuralsense_key
  on public.visit_zone_events (visit_id, sequence) where source = 'neuralsense';
create index if not exists visit_zone_events_visit_id_idx
  on public.visit_zone_events (visit_id, zone_id, sequence);
create index if not exists visit_zone_events_run_idx
  on public.visit_zone_events (visit_id, entered_at)
  where origin = 'readings' and source = 'neuralsense';
create index if not exists visit_zone_events_engaged_idx
  on public.visit_zone_events (visit_id) where engaged_at is not null and source = 'neuralsense';
comment on column public.visit_zone_events.zone_seconds is
  'Time that the visit has had in this zone, up to the end of this stay';
comment on column public.visit_zone_events.engaged_at is
  'When zone_seconds reached the store''s threshold (display and fitting zones), in the stay in which it did';
create index if not exists visit_zone_events_zone_id_idx
  on public.visit_zone_events (zone_id, entered_at);
create index if not exists visit_zone_events_store_id_idx
  on public.visit_zone_events (store_id, entered_at);

create table if not exists public.funnel_events (
  id uuid primary key,
  org_id uuid not null,
  store_id uuid not null references public.stores (id) on delete cascade,
  visit_id uuid not null,
  zone_id uuid not null references public.zones_dim (id),
  stage text not null check (stage in ('enter', 'browse', 'engage', 'checkout')),
  event_time timestamptz not null,
  source text not null,
  created_at timestamptz not null default now()
);
alter table public.funnel_events
  add column if not exists id uuid,
  add column if not exists org_id uuid,
  add column if not exists store_id uuid,
  add column if not exists visit_id uuid,
  add column if not exists zone_id uuid,
  add column if not exists stage text,
  add column if not exists event_time timestamptz,
  add column if not exists source text,
  add column if not exists created_at timestamptz;
create unique index if not exists funnel_events_neuralsense_key
  on public.funnel_events (visit_id, stage) where source = 'neuralsense';
create index if not exists funnel_events_visit_id_idx on public.funnel_events (visit_id);
create index if not exists funnel_events_zone_id_idx on public.funnel_events (zone_id);
create index if not exists funnel_events_store_id_idx
  on public.funnel_events (store_id, event_time);

-- A visits table that was here before us is not constrained by ours, not even by a reference.
do $$
begin
  if private.is_adopted('visits') then
    return;
  end if;
  if not private.is_adopted('visit_zone_events') then
    alter table public.visit_zone_events add constraint visit_zone_events_visit_id_fkey
      foreign key (visit_id) references public.visits (id) on delete cascade;
  end if;
  if not private.is_adopted('funnel_events') then
    alter table public.funnel_events add constraint funnel_events_visit_id_fkey
      foreign key (visit_id) references public.visits (id) on delete cascade;
  end if;
end $$;
