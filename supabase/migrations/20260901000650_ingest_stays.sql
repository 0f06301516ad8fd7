-- The zones of a visit, and its funnel. Of a visit that is known up to an instant only the last part
-- is read and written again: the run that goes on, and what new dwells can hide.

-- In which zone a known visit stands, and since when; hidden, if a dwell covers that run.
create or replace function private.open_runs(store uuid, sessions private.session[])
returns table (visit_id uuid, zone_id uuid, entered_at timestamptz, exited_at timestamptz,
  hidden boolean)
language sql stable set search_path = ''
as $$
  select s.visit_id, latest.zone_id, coalesce(stay.entered_at, s.known_until), s.known_until,
    stay.entered_at is null
  from unnest(sessions) s
  cross join lateral (
    select z.zone_id
    from public.zone_events z
    where z.store_id = store and z.hashed_mac = s.hashed_mac and z.event_time = s.known_until
      and z.reading_key is not null
    order by z.zone_id desc
    limit 1) latest
  left join lateral (
    select v.*
    from public.visit_zone_events v
    where v.visit_id = s.visit_id and v.source = 'neuralsense'
    order by v.sequence desc
    limit 1) stay
    on stay.origin = 'readings' and stay.zone_id = latest.zone_id and stay.exited_at = s.known_until
$$;

-- A run: consecutive events of a visit in one zone. Of a known visit, the open run and later ones.
create or replace function private.runs_of(store uuid, sessions private.session[])
returns table (visit_id uuid, zone_id uuid, entered_at timestamptz, exited_at timestamptz,
  hidden boolean)
language sql stable set search_path = ''
as $$
  with open as (
    select * from private.open_runs(store, sessions)
  ), events as (
    select visit_id, zone_id, event_time, false as hidden from private.events_in(store, sessions)
    union select visit_id, zone_id, entered_at, hidden from open
    union select visit_id, zone_id, exited_at, hidden from open
  ), numbered as (
    select *, row_number() over (partition by visit_id order by event_time, zone_id)
      - row_number() over (partition by visit_id, zone_id order by event_time) as run
    from events
  )
  select visit_id, zone_id, min(event_time), max(event_time), bool_or(hidden)
  from numbered
  group by visit_id, zone_id, run
$$;

-- Where to cut each visit: what is written again is its open run and whatever begins later, or, if
-- that is earlier, the run in which the first new dwell begins and whatever begins later.
create or replace function private.cut_sessions(store uuid, sessions private.session[],
  stayed private.sighting[])
returns setof private.session
language sql stable set search_path = ''
as $$
  with starts (visit_id, at) as (
    select visit_id, entered_at from private.open_runs(store, sessions)
    union all
    select s.visit_id, coalesce(run.entered_at, stay.seen_at)
    from unnest(sessions) s join unnest(stayed) stay using (hashed_mac)
    left join lateral (
      select v.entered_at, v.exited_at
      from public.visit_zone_events v
      where v.visit_id = s.visit_id and v.source = 'neuralsense' and v.origin = 'readings'
        and v.entered_at < stay.seen_at
      order by v.entered_at desc
      limit 1) run on run.exited_at >= stay.seen_at
    where s.known_until is not null
  ), cuts as (
    select s.visit_id, least(s.known_until, min(starts.at)) as since
    from unnest(sessions) s left join starts using (visit_id)
    where s.known_until is not null
    group by s.visit_id, s.known_until
  )
  select s.visit_id, s.hashed_mac, s.entry_time, s.exit_time, s.zones, s.known_until, cuts.since,
    coalesce(stay.sequence, 0)
  from unnest(sessions) s
  left join cuts using (visit_id)
  left join lateral (
    select v.sequence
    from public.visit_zone_events v
    where v.visit_id = cuts.visit_id and v.source = 'neuralsense' and v.entered_at < cuts.since
    order by v.sequence desc
    limit 1) stay on true
$$;

-- The runs of what is written again: those that are new, the open one as it is now, and those that
-- are written already and may yet be hidden.
create or replace function private.runs_after_cut(store uuid, sessions private.session[])
returns table (visit_id uuid, zone_id uuid, entered_at timestamptz, exited_at timestamptz)
language sql stable set search_path = ''
as $$
  select visit_id, zone_id, entered_at, max(exited_at)
  from (
    select visit_id, zone_id, entered_at, exited_at
    from private.runs_of(store, sessions)
    where not hidden
    union all
    select s.visit_id, stay.zone_id, stay.entered_at, stay.exited_at
    from unnest(sessions) s
    cross join lateral (
      select v.zone_id, v.entered_at, v.exited_at, v.origin
      from public.visit_zone_events v
      where v.visit_id = s.visit_id and v.source = 'neuralsense' and v.sequence > s.kept
      offset 0) stay
    where s.known_until is not null and stay.origin = 'readings') runs
  group by visit_id, zone_id, entered_at
$$;

-- The rule: a dwell that the gateway sent is the truth about the time that it covers, for the
-- gateway saw every reading and knows flicker from movement. It belongs to the visit in which it
-- begins. Where no dwell covers a run (it is still going on, or its dwell was lost), the run stands.
create or replace function private.stays_of(store uuid, sessions private.session[])
returns table (visit_id uuid, zone_id uuid, entered_at timestamptz, exited_at timestamptz,
  dwell_seconds numeric, origin text)
language sql stable set search_path = ''
as $$
  with dwells as (
    select s.visit_id, d.*, d.entered_at >= coalesce(s.since, s.entry_time) as is_after_cut
    from unnest(sessions) s
    cross join lateral (
      select z.zone_id, z.entered_at, z.exited_at, z.dwell_seconds
      from public.zone_dwells z
      where z.store_id = store and z.hashed_mac = s.hashed_mac
        and z.exited_at >= coalesce(s.since, s.entry_time)
      offset 0) d
    where d.entered_at between s.entry_time and s.exit_time
  )
  select visit_id, zone_id, entered_at, exited_at, dwell_seconds, 'dwell'
  from dwells
  where is_after_cut
  union all
  select run.*, extract(epoch from run.exited_at - run.entered_at), 'readings'
  from private.runs_after_cut(store, sessions) run
  where not exists (
    select from dwells d
    where d.visit_id = run.visit_id and run.exited_at >= d.entered_at
      and (run.entered_at < d.exited_at or run.entered_at = d.entered_at
        or run.entered_at = d.exited_at and run.zone_id = d.zone_id))
$$;

-- Numbered after the stays that are kept, each with the time that the visit had in its zone so far.
create or replace function private.numbered_stays(store uuid, sessions private.session[])
returns table (visit_id uuid, zone_id uuid, entered_at timestamptz, exited_at timestamptz,
  dwell_seconds numeric, origin text, sequence integer, zone_seconds numeric)
language sql stable set search_path = ''
as $$
  with stays as (
    select stay.*, s.kept
    from private.stays_of(store, sessions) stay join unnest(sessions) s using (visit_id)
  ), kept as (
    select zone.visit_id, zone.zone_id, stay.zone_seconds
    from (select distinct visit_id, zone_id, kept from stays) zone
    cross join lateral (
      select v.zone_seconds
      from public.visit_zone_events v
      where v.visit_id = zone.visit_id and v.zone_id = zone.zone_id
        and v.source = 'neuralsense' and v.sequence <= zone.kept
      order by v.sequence desc
      limit 1) stay
  )
  select visit_id, zone_id, entered_at, exited_at, dwell_seconds, origin,
    stays.kept + (row_number() over visit)::integer,
    coalesce(kept.zone_seconds, 0) + sum(dwell_seconds) over (visit_zone order by entered_at, exited_at)
  from stays left join kept using (visit_id, zone_id)
  window visit as (partition by visit_id order by entered_at, exited_at, zone_id),
    visit_zone as (partition by visit_id, zone_id)
$$;

-- The instant at which the time in a display or fitting zone reached the threshold, if it did so in
-- that stay. Time in a zone only grows, so a visit has at most one such stay for each zone.
create or replace function private.engaged_stays(store uuid, sessions private.session[])
returns table (visit_id uuid, zone_id uuid, entered_at timestamptz, exited_at timestamptz,
  dwell_seconds numeric, origin text, sequence integer, zone_seconds numeric, engaged_at timestamptz)
language sql stable set search_path = ''
as $$
  select stay.*, case
    when zone.zone_type in ('display', 'fitting') and stay.zone_seconds >= setting.engage_after
      and stay.zone_seconds - stay.dwell_seconds < setting.engage_after
    then stay.exited_at - make_interval(secs => stay.zone_seconds::float8 - setting.engage_after)
  end
  from private.numbered_stays(store, sessions) stay
  join public.zones_dim zone on zone.id = stay.zone_id
  cross join private.store_settings(store) setting
$$;

create or replace function private.write_stays(store uuid, sessions private.session[])
returns bigint
language sql volatile set search_path = ''
as $$
  with stays as (
    select * from private.engaged_stays(store, sessions)
  ), written as (
    insert into public.visit_zone_events as old (id, org_id, store_id, visit_id, zone_id, sequence,
      entered_at, exited_at, dwell_seconds, zone_seconds, engaged_at, origin, source, created_at)
    select private.uuid_of(concat_ws('|', visit_id, sequence)), setting.org_id, store, visit_id,
      zone_id, sequence, entered_at, exited_at, dwell_seconds, zone_seconds, engaged_at, origin,
      'neuralsense', now()
    from stays cross join private.store_settings(store) setting
    on conflict (visit_id, sequence) where source = 'neuralsense' do update set
      zone_id = excluded.zone_id, entered_at = excluded.entered_at, exited_at = excluded.exited_at,
      dwell_seconds = excluded.dwell_seconds, zone_seconds = excluded.zone_seconds,
      engaged_at = excluded.engaged_at, origin = excluded.origin
    where (old.zone_id, old.entered_at, old.exited_at, old.dwell_seconds, old.zone_seconds,
        old.engaged_at, old.origin)
      is distinct from (excluded.zone_id, excluded.entered_at, excluded.exited_at,
        excluded.dwell_seconds, excluded.zone_seconds, excluded.engaged_at, excluded.origin)
  ), surplus as (
    delete from public.visit_zone_events old using unnest(sessions) s
    where old.visit_id = s.visit_id and old.source = 'neuralsense'
      and old.sequence > s.kept + (select count(*) from stays where stays.visit_id = s.visit_id)
  )
  select count(*) from stays
$$;

-- enter: the visit began; browse: seen among the goods; engage: stayed there; checkout: was there.
-- Where part of a visit is known, its first browse and checkout may be known as well.
create or replace function private.stages_of(store uuid, sessions private.session[])
returns table (visit_id uuid, stage text, zone_id uuid, event_time timestamptz)
language sql stable set search_path = ''
as $$
  select visit_id, 'enter', zones[1], entry_time from unnest(sessions)
  union all
  select run.visit_id, case when zone.zone_type = 'checkout' then 'checkout' else 'browse' end,
    run.zone_id, run.entered_at
  from private.runs_of(store, sessions) run
  join public.zones_dim zone on zone.id = run.zone_id
    and zone.zone_type in ('aisle', 'display', 'fitting', 'checkout')
  union all
  select s.visit_id, known.stage, known.zone_id, known.event_time
  from unnest(sessions) s
  join public.funnel_events known on known.visit_id = s.visit_id
    and known.source = 'neuralsense' and known.stage in ('browse', 'checkout')
  where s.known_until is not null
  union all
  select s.visit_id, 'engage', stay.zone_id, stay.engaged_at
  from unnest(sessions) s
  join public.visit_zone_events stay on stay.visit_id = s.visit_id
    and stay.source = 'neuralsense' and stay.engaged_at is not null
$$;

create or replace function private.write_funnel(store uuid, sessions private.session[])
returns bigint
language sql volatile set search_path = ''
as $$
  with stages as (
    select distinct on (visit_id, stage) *
    from private.stages_of(store, sessions)
    order by visit_id, stage, event_time, zone_id
  ), written as (
    insert into public.funnel_events as old (id, org_id, store_id, visit_id, zone_id, stage,
      event_time, source, created_at)
    select private.uuid_of(concat_ws('|', visit_id, stage)), setting.org_id, store, visit_id,
      zone_id, stage, event_time, 'neuralsense', now()
    from stages cross join private.store_settings(store) setting
    on conflict (visit_id, stage) where source = 'neuralsense' do update set
      zone_id = excluded.zone_id, event_time = excluded.event_time
    where (old.zone_id, old.event_time) is distinct from (excluded.zone_id, excluded.event_time)
  ), surplus as (
    delete from public.funnel_events old using unnest(sessions) s
    where old.visit_id = s.visit_id and old.source = 'neuralsense'
      and not exists (select from stages
        where stages.visit_id = old.visit_id and stages.stage = old.stage)
  )
  select count(*) from stages
$$;

-- Answers with how many rows were derived.
create or replace function private.derive_visits(store uuid, heard private.sighting[],
  stayed private.sighting[])
returns jsonb
language plpgsql volatile set search_path = ''
as $$
declare
  spans constant private.session[] := array(select s from private.spans_of(store, heard, stayed) s);
  touched constant private.session[] :=
    array(select s from private.sessions_in(store, spans, stayed) s);
  sessions constant private.session[] :=
    array(select s from private.cut_sessions(store, touched, stayed) s);
  stays bigint;
  stages bigint;
begin
  perform private.delete_visits(array(
    select visit_id from unnest(spans) where known_until is null
    except
    select visit_id from unnest(sessions)));
  perform private.write_visits(store, sessions);
  stays := private.write_stays(store, sessions);
  stages := private.write_funnel(store, sessions);
  return jsonb_build_object('visits', cardinality(sessions), 'visit_zone_events', stays,
    'funnel_events', stages);
end $$;
