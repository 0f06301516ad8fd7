-- How many phones are in each zone this very moment. Readings arrive in batches, half a minute late;
-- so a gateway also sends what it counts itself, a few numbers for each window, which are kept here
-- for who has just opened a page and told to who is listening.
set local lock_timeout = '5s';

create table if not exists public.live_occupancy (
  store_id uuid primary key references public.stores (id) on delete cascade,
  org_id uuid not null references public.organisations (id) on delete cascade,
  at timestamptz not null,
  -- What was told: counts only.
  message jsonb not null
);
create index if not exists live_occupancy_org_id_idx on public.live_occupancy (org_id);
comment on table public.live_occupancy is 'The latest count of each store';
comment on column public.live_occupancy.at is 'When it was counted, by the gateway''s clock';

alter table public.live_occupancy enable row level security;
revoke all on table public.live_occupancy from anon, authenticated;
grant select, insert, update, delete on table public.live_occupancy to service_role;
grant select on public.live_occupancy to authenticated;
create policy "members read their stores' counts" on public.live_occupancy
  for select to authenticated using (org_id in (select private.my_org_ids()));

-- Zones travel by number, as the gateway knows them; numbers that zones_dim lacks are left out.
create or replace function private.live_message(live jsonb) returns jsonb
language sql stable set search_path = ''
as $$
  select jsonb_build_object(
    'store_id', live -> 'store_id', 'at', live -> 'at',
    'entries', live -> 'entries', 'exits', live -> 'exits',
    'visitors', coalesce(sum(counted.visitors), 0),
    'zones', coalesce(jsonb_agg(jsonb_build_object(
        'zone_id', zone.id, 'zone_code', zone.zone_code, 'visitors', counted.visitors)
      order by length(zone.zone_code), zone.zone_code) filter (where zone.id is not null), '[]'))
  from jsonb_to_recordset(live -> 'zones') counted (zone_code text, visitors integer)
  left join public.zones_dim zone
    on zone.store_id = (live ->> 'store_id')::uuid and zone.zone_code = counted.zone_code
$$;

-- A count that is older than the one that is known is passed over; one from a clock that is far off
-- would keep all others out. SQLSTATEs that begin with PT become the HTTP status (PostgREST).
create or replace function public.broadcast_live(live jsonb) returns jsonb
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  store constant uuid := live ->> 'store_id';
  counted_at constant timestamptz := live ->> 'at';
  told constant jsonb := private.live_message(live);
begin
  if counted_at not between now() - interval '10 minutes' and now() + interval '10 minutes' then
    raise exception using errcode = 'PT422', message = 'at is more than ten minutes off';
  end if;
  insert into public.live_occupancy as known (store_id, org_id, at, message)
  select s.id, s.org_id, counted_at, told from public.stores s where s.id = store
  on conflict (store_id) do update set at = excluded.at, message = excluded.message
    where known.at < excluded.at;
  if found then
    perform private.tell_listeners(store, 'occupancy', told);
  end if;
  return (
    select jsonb_build_object('live_window_seconds', extract(epoch from setting.live_window)::float8)
    from private.kpi_settings(store) setting);
end $$;

-- Realtime may be missing, and may fail: the count is stored all the same.
create or replace function private.tell_listeners(store uuid, event text, message jsonb)
returns void
language plpgsql volatile set search_path = ''
as $$
begin
  if to_regprocedure('realtime.send(jsonb, text, text, boolean)') is null then
    return;
  end if;
  execute 'select realtime.send($1, $2, $3, true)'
    using message, event, 'store:' || store || ':live';
exception when others then
  raise warning 'realtime.send: %', sqlerrm;
end $$;

-- The latest count as it was told: no row where there was none yet. seconds_since says how old it is.
create or replace function public.kpi_live(store_id uuid)
returns table (at timestamptz, seconds_since double precision, visitors integer,
  entries integer, exits integer, zones jsonb)
language sql stable security invoker rows 1 set search_path = ''
as $$
  select private.require_member(kpi_live.store_id);
  select known.at, extract(epoch from now() - known.at)::float8,
    (known.message ->> 'visitors')::integer, (known.message ->> 'entries')::integer,
    (known.message ->> 'exits')::integer, known.message -> 'zones'
  from public.live_occupancy known
  where known.store_id = kpi_live.store_id;
$$;

revoke all on function private.live_message(jsonb), private.tell_listeners(uuid, text, jsonb)
  from public, anon, authenticated;
grant execute on function private.live_message(jsonb), private.tell_listeners(uuid, text, jsonb),
  private.kpi_settings(uuid) to service_role;
revoke all on function public.broadcast_live(jsonb) from public, anon, authenticated;
grant execute on function public.broadcast_live(jsonb) to service_role;
revoke all on function public.kpi_live(uuid) from public, anon, service_role;
grant execute on function public.kpi_live(uuid) to authenticated;
