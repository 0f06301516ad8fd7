-- Bursts, kept: most phones look for networks under a new random address each time, so how often
-- such addresses begin to be heard says how many people there are (docs/visitors.md). Counts only:
-- nothing here stands for a phone. Each batch adds what it changes, in the same transaction.
set local lock_timeout = '5s';

create table if not exists private.bursts (
  store_id uuid not null references public.stores (id) on delete cascade,
  -- Five minutes, by their begin.
  at timestamptz not null,
  begun integer not null,
  -- When such an address was heard first in them.
  since timestamptz not null,
  primary key (store_id, at)
) with (fillfactor = 80);
alter table private.bursts enable row level security;
create policy "closed" on private.bursts
  as restrictive for all to anon, authenticated using (false);
grant select, insert, update, delete on private.bursts to service_role;
comment on column private.bursts.begun is 'Bursts of randomised addresses that began in these minutes';

create or replace function private.five_minutes_of(at timestamptz) returns timestamptz
language sql immutable parallel safe set search_path = ''
as $$ select date_bin(interval '5 minutes', at, timestamptz '2000-01-01T00:00:00Z') $$;

-- What is weaker at every sensor is next door.
create or replace function private.is_near(rssi_readings jsonb) returns boolean
language sql immutable parallel safe set search_path = ''
as $$
  select exists (select from jsonb_each_text(rssi_readings) heard where heard.value::float8 >= -90)
$$;

-- The bursts that phones began in stretches of their time, as they would be without one batch. A
-- burst begins where its phone was silent for more than ten seconds; so what is heard at the end of a
-- stretch decides on the ten seconds after it.
create or replace function private.bursts_of(store uuid, stretches private.visit_span[],
  without_batch uuid)
returns table (at timestamptz, begun bigint, since timestamptz)
language plpgsql stable rows 10 set search_path = ''
as $$
#variable_conflict use_column
begin
  return query
    with heard as (
      select phone.hashed_mac, phone.entry_time, event.event_time
      from unnest(stretches) phone
      cross join lateral (
        select distinct z.event_time
        from public.zone_events z
        where z.store_id = store and z.hashed_mac = phone.hashed_mac
          and z.event_time >= phone.entry_time - interval '10 seconds'
          and z.event_time <= phone.exit_time + interval '10 seconds'
          and z.reading_key is not null and z.device_class like 'randomised%'
          and z.batch_id is distinct from without_batch and private.is_near(z.rssi_readings)
        offset 0) event
    ), after_silence as (
      select event_time, entry_time,
        event_time - lag(event_time) over (partition by hashed_mac order by event_time) as silence
      from heard
    )
    select private.five_minutes_of(event_time),
      count(*) filter (where coalesce(silence > interval '10 seconds', true)), min(event_time)
    from after_silence
    where event_time >= entry_time
    group by 1;
end $$;

-- Once the readings of a batch are stored.
create or replace function private.keep_bursts(store uuid, heard private.sighting[], batch uuid)
returns void
language plpgsql volatile set search_path = ''
as $$
declare
  stretches constant private.visit_span[] := array(
    select row(null, hashed_mac, min(seen_at), max(seen_at))::private.visit_span
    from unnest(heard) where is_new and device_class like 'randomised%' group by hashed_mac);
begin
  insert into private.bursts as old (store_id, at, begun, since)
  select store, at, sum(begun), min(since)
  from (
    select at, begun, since from private.bursts_of(store, stretches, null)
    union all
    select at, -begun, since from private.bursts_of(store, stretches, batch)) changes
  group by at
  on conflict (store_id, at) do update set
    begun = old.begun + excluded.begun, since = least(old.since, excluded.since)
  where excluded.begun <> 0 or excluded.since < old.since;
end $$;

-- Before the readings of a phone are deleted because it is to be forgotten; not when they are old.
create or replace function private.forget_bursts(store uuid, hash text) returns void
language sql volatile set search_path = ''
as $$
  update private.bursts old set begun = old.begun - gone.begun
  from private.bursts_of(store,
    array[row(null, hash, '-infinity', 'infinity')::private.visit_span], null) gone
  where old.store_id = store and old.at = gone.at
$$;
