-- The zones of a visit, and its funnel.
-- The rule: a dwell that the gateway sent is the truth about the time that it covers, for the gateway
-- saw every reading and knows flicker from movement. A visit has the part of it that lies in the visit.
-- Readings that no dwell covers make runs: consecutive ones in one zone, with no dwell between them.

-- A reading's neighbours, among all that the visit has.
create or replace function private.neighbours(store uuid, visits private.session[],
  heard private.sighting[])
returns table (visit_id uuid, at timestamptz, zone_id uuid, is_before boolean,
  heard_at timestamptz)
language plpgsql stable rows 100 set search_path = ''
as $$
#variable_conflict use_column
begin
  return query
    select s.visit_id, beside.event_time, beside.zone_id, beside.is_before, h.seen_at
    from unnest(visits) s
    join (select distinct hashed_mac, seen_at, zone_id from unnest(heard)) h
      on h.hashed_mac = s.hashed_mac and h.seen_at between s.entry_time and s.exit_time
    cross join lateral (
      (select e.event_time, e.zone_id, true as is_before
      from public.zone_events e
      where e.store_id = store and e.hashed_mac = s.hashed_mac and e.reading_key is not null
        and e.event_time between s.entry_time and h.seen_at
        and (e.event_time, e.zone_id) < (h.seen_at, h.zone_id)
      order by e.event_time desc, e.zone_id desc
      limit 1)
      union all
      (select e.event_time, e.zone_id, false
      from public.zone_events e
      where e.store_id = store and e.hashed_mac = s.hashed_mac and e.reading_key is not null
        and e.event_time between h.seen_at and s.exit_time
        and (e.event_time, e.zone_id) > (h.seen_at, h.zone_id)
      order by e.event_time, e.zone_id
      limit 1)
      offset 0) beside;
end $$;

-- Where to cut each visit that is known: at the run that news meet, or at the news themselves. Where it
-- became longer, dwells that reach beyond its old end are news as well. A visit without news is left out.
create or replace function private.cut_visits(store uuid, near private.sessions[],
  visits private.session[], heard private.sighting[], stayed private.sighting[])
returns setof private.session
language plpgsql stable rows 50 set search_path = ''
as $$
#variable_conflict use_column
begin
  return query
    with known as (
      select s.visit_id, s.hashed_mac, s.entry_time, s.exit_time, old.exit_time as old_exit
      from unnest(visits) s join unnest(near) old on old.visit_id = s.visit_id and old.is_visit
    ), news (visit_id, at, touches) as (
      select known.visit_id, coalesce(before.at, h.seen_at), coalesce(before.at, h.seen_at)
      from known
      join unnest(heard) h
        on h.hashed_mac = known.hashed_mac and h.seen_at between known.entry_time and known.exit_time
      left join private.neighbours(store, visits, heard) before
        on before.visit_id = known.visit_id and before.heard_at = h.seen_at and before.is_before
      union all
      select known.visit_id, greatest(d.seen_at, known.entry_time),
        greatest(d.seen_at, known.entry_time)
      from known
      join unnest(stayed) d on d.hashed_mac = known.hashed_mac
        and d.seen_at <= known.exit_time and d.seen_until >= known.entry_time
      union all
      select known.visit_id, longer.at, longer.at
      from known
      cross join lateral (
        select greatest(d.entered_at, known.entry_time) as at
        from public.zone_dwells d
        where d.store_id = store and d.hashed_mac = known.hashed_mac
          and d.exited_at > known.old_exit and d.entered_at <= known.exit_time
        offset 0) longer
      where known.exit_time > known.old_exit
    ), cuts as (
      select news.visit_id, min(case when run.exited_at >= news.touches
        then run.entered_at else news.at end) as since
      from news
      -- Runs that begin at the news are cut there anyway; the one before them may end there, too.
      left join lateral (
        select v.entered_at, v.exited_at
        from public.visit_zone_events v
        where v.visit_id = news.visit_id and v.source = 'neuralsense' and v.origin = 'readings'
          and v.entered_at < news.at
        order by v.entered_at desc, v.exited_at desc
        limit 1) run on true
      group by news.visit_id
    )
    select s.visit_id, s.hashed_mac, s.entry_time, s.exit_time, s.zones, s.zones_since,
      s.is_persistent, s.is_resident, s.known, s.bursts, cuts.since, coalesce(stay.sequence, 0)
    from unnest(visits) s
    left join cuts using (visit_id)
    left join lateral (
      select v.sequence
      from public.visit_zone_events v
      where v.visit_id = cuts.visit_id and v.source = 'neuralsense' and v.entered_at < cuts.since
      order by v.sequence desc
      limit 1) stay on true
    where cuts.since is not null or s.visit_id <> all (s.known);
end $$;

-- Dwells that share time with a visit and reach beyond its cut: as they are, and their part in it.
create or replace function private.dwells_of(store uuid, visits private.session[])
returns table (visit_id uuid, zone_id uuid, entered_at timestamptz, exited_at timestamptz,
  dwell_seconds numeric, part_from timestamptz, part_to timestamptz, is_after_cut boolean)
language plpgsql stable rows 100 set search_path = ''
as $$
#variable_conflict use_column
begin
  return query
    select s.visit_id, d.*, greatest(d.entered_at, s.entry_time), least(d.exited_at, s.exit_time),
      greatest(d.entered_at, s.entry_time) >= coalesce(s.since, s.entry_time)
    from unnest(visits) s
    cross join lateral (
      select z.zone_id, z.entered_at, z.exited_at, z.dwell_seconds
      from public.zone_dwells z
      where z.store_id = store and z.hashed_mac = s.hashed_mac
        and z.exited_at >= coalesce(s.since, s.entry_time) and z.entered_at <= s.exit_time
      offset 0) d;
end $$;

-- Of the runs that are written already and begin after the cut, what dwells leave. A dwell covers a
-- reading in another zone at its very end only if it has no length: there the next stay begins.
create or replace function private.runs_left(store uuid, visits private.session[])
returns table (visit_id uuid, zone_id uuid, entered_at timestamptz, exited_at timestamptz)
language plpgsql stable rows 100 set search_path = ''
as $$
#variable_conflict use_column
begin
  return query
    with dwells as (
      select * from private.dwells_of(store, visits)
    ), runs as (
      select s.visit_id, s.hashed_mac, stay.zone_id, stay.entered_at, stay.exited_at
      from unnest(visits) s
      cross join unnest(s.known) known (visit_id)
      cross join lateral (
        select v.zone_id, v.entered_at, v.exited_at, v.origin
        from public.visit_zone_events v
        where v.visit_id = known.visit_id and v.source = 'neuralsense'
          and v.sequence > case when known.visit_id = s.visit_id then s.kept else 0 end
        offset 0) stay
      where stay.origin = 'readings'
    ), pieces as (
      select run.*, piece.span,
        piece.span = tstzrange(run.entered_at, run.exited_at, '[]') as is_whole
      from runs run
      cross join lateral (
        select unnest(tstzmultirange(tstzrange(run.entered_at, run.exited_at, '[]'))
          - coalesce(range_agg(tstzrange(d.entered_at, d.exited_at,
              case when d.zone_id = run.zone_id or d.entered_at = d.exited_at
                then '[]' else '[)' end)), '{}')) as span
        from dwells d
        where d.visit_id = run.visit_id
          and d.entered_at <= run.exited_at and d.exited_at >= run.entered_at) piece
    )
    select piece.visit_id, piece.zone_id, piece.entered_at, piece.exited_at
    from pieces piece
    where piece.is_whole
    union all
    select piece.visit_id, piece.zone_id, first.event_time, last.event_time
    from pieces piece
    cross join lateral (
      select e.event_time
      from public.zone_events e
      where e.store_id = store and e.hashed_mac = piece.hashed_mac and e.reading_key is not null
        and e.zone_id = piece.zone_id
        and e.event_time between lower(piece.span) and upper(piece.span)
        and e.event_time <@ piece.span
      order by e.event_time
      limit 1) first
    cross join lateral (
      select e.event_time
      from public.zone_events e
      where e.store_id = store and e.hashed_mac = piece.hashed_mac and e.reading_key is not null
        and e.zone_id = piece.zone_id
        and e.event_time between lower(piece.span) and upper(piece.span)
        and e.event_time <@ piece.span
      order by e.event_time desc
      limit 1) last
    where not piece.is_whole;
end $$;

-- What is needed to find the runs after the cut: both ends of those that are written, what is new,
-- what lies beside it, and all of a session that was no visit until now.
create or replace function private.points_of(store uuid, visits private.session[],
  heard private.sighting[])
returns table (visit_id uuid, at timestamptz, zone_id uuid)
language plpgsql stable rows 200 set search_path = ''
as $$
#variable_conflict use_column
begin
  return query
    select run.visit_id, point.at, run.zone_id
    from private.runs_left(store, visits) run
    cross join lateral (values (run.entered_at), (run.exited_at)) point (at)
    union
    select s.visit_id, e.event_time, e.zone_id
    from unnest(visits) s
    cross join unnest(s.bursts) burst (entry_time)
    join private.sessions old on old.store_id = store and old.hashed_mac = s.hashed_mac
      and old.entry_time = burst.entry_time
    cross join lateral (
      select z.event_time, z.zone_id
      from public.zone_events z
      where z.store_id = store and z.hashed_mac = s.hashed_mac and z.reading_key is not null
        and z.event_time between old.entry_time and old.exit_time
      offset 0) e
    union
    select s.visit_id, h.seen_at, h.zone_id
    from unnest(visits) s
    join unnest(heard) h
      on h.hashed_mac = s.hashed_mac and h.seen_at between s.entry_time and s.exit_time
    union
    select visit_id, at, zone_id from private.neighbours(store, visits, heard);
end $$;

-- Runs: readings that no dwell covers, in one zone, one after the other and with no dwell between them.
create or replace function private.uncovered_runs(store uuid, visits private.session[],
  heard private.sighting[])
returns table (visit_id uuid, zone_id uuid, entered_at timestamptz, exited_at timestamptz)
language plpgsql stable rows 100 set search_path = ''
as $$
#variable_conflict use_column
begin
  return query
    with dwells as (
      select * from private.dwells_of(store, visits)
    ), points as (
      select * from private.points_of(store, visits, heard) point
      where not exists (
        select from dwells d
        where d.visit_id = point.visit_id and point.at >= d.entered_at
          and (point.at < d.exited_at or point.at = d.entered_at
            or point.at = d.exited_at and point.zone_id = d.zone_id))
    ), following as (
      select *, lag(at) over way as before, lag(zone_id) over way as zone_before
      from points
      window way as (partition by visit_id order by at, zone_id)
    ), numbered as (
      select f.*, count(*) filter (where zone_before is distinct from zone_id or exists (
          select from dwells d
          where d.visit_id = f.visit_id and d.entered_at > f.before and d.entered_at < f.at))
        over (partition by visit_id order by at, zone_id) as run
      from following f
    )
    select visit_id, zone_id, min(at), max(at)
    from numbered
    group by visit_id, zone_id, run;
end $$;

create or replace function private.stays_of(store uuid, visits private.session[],
  heard private.sighting[])
returns table (visit_id uuid, zone_id uuid, entered_at timestamptz, exited_at timestamptz,
  dwell_seconds numeric, origin text)
language plpgsql stable rows 100 set search_path = ''
as $$
#variable_conflict use_column
begin
  return query
    select visit_id, zone_id, part_from, part_to,
      case when (part_from, part_to) = (entered_at, exited_at) then dwell_seconds
        else extract(epoch from part_to - part_from) end, 'dwell'
    from private.dwells_of(store, visits)
    where is_after_cut
    union all
    select run.*, extract(epoch from run.exited_at - run.entered_at), 'readings'
    from private.uncovered_runs(store, visits, heard) run;
end $$;

-- Numbered after the stays that are kept, each with the time that the visit had in its zone so far.
create or replace function private.numbered_stays(store uuid, visits private.session[],
  heard private.sighting[])
returns table (visit_id uuid, zone_id uuid, entered_at timestamptz, exited_at timestamptz,
  dwell_seconds numeric, origin text, sequence integer, zone_seconds numeric)
language plpgsql stable rows 100 set search_path = ''
as $$
#variable_conflict use_column
begin
  return query
    with stays as (
      select stay.*, s.kept, row_number() over (partition by stay.visit_id
        order by stay.entered_at, stay.exited_at, stay.zone_id, stay.dwell_seconds) as place
      from private.stays_of(store, visits, heard) stay join unnest(visits) s using (visit_id)
    ), kept as (
      select zone.visit_id, zone.zone_id, stay.zone_seconds
      from (select distinct visit_id, zone_id, kept from stays where kept > 0) zone
      cross join lateral (
        select v.zone_seconds
        from public.visit_zone_events v
        where v.visit_id = zone.visit_id and v.zone_id = zone.zone_id
          and v.source = 'neuralsense' and v.sequence <= zone.kept
        order by v.sequence desc
        limit 1) stay
    )
    select visit_id, zone_id, entered_at, exited_at, dwell_seconds, origin,
      (stays.kept + place)::integer,
      coalesce(kept.zone_seconds, 0)
        + sum(dwell_seconds) over (partition by visit_id, zone_id order by place)
    from stays left join kept using (visit_id, zone_id);
end $$;

-- The instant at which the time in a display or fitting zone reached the threshold, if it did so in
-- that stay. Time in a zone only grows, so a visit has at most one such stay for each zone.
create or replace function private.engaged_stays(store uuid, visits private.session[],
  heard private.sighting[])
returns table (visit_id uuid, zone_id uuid, entered_at timestamptz, exited_at timestamptz,
  dwell_seconds numeric, origin text, sequence integer, zone_seconds numeric, engaged_at timestamptz)
language plpgsql stable rows 100 set search_path = ''
as $$
#variable_conflict use_column
begin
  return query
    select stay.*, case
      when zone.zone_type in ('display', 'fitting') and stay.zone_seconds >= setting.engage_after
        and stay.zone_seconds - stay.dwell_seconds < setting.engage_after
      then stay.exited_at - make_interval(secs => stay.zone_seconds::float8 - setting.engage_after)
    end
    from private.numbered_stays(store, visits, heard) stay
    join public.zones_dim zone on zone.id = stay.zone_id
    cross join private.store_settings(store) setting;
end $$;

create or replace function private.write_stays(store uuid, visits private.session[],
  heard private.sighting[])
returns bigint
language sql volatile set search_path = ''
as $$
  with stays as (
    select * from private.engaged_stays(store, visits, heard)
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
    delete from public.visit_zone_events old using unnest(visits) s
    where old.visit_id = s.visit_id and old.source = 'neuralsense'
      and old.sequence > s.kept + (select count(*) from stays where stays.visit_id = s.visit_id)
  )
  select count(*) from stays
$$;

-- enter: the visit began; browse: seen among the goods; engage: stayed there; checkout: was there.
create or replace function private.stages_of(visits private.session[])
returns table (visit_id uuid, stage text, zone_id uuid, event_time timestamptz)
language plpgsql stable rows 100 set search_path = ''
as $$
#variable_conflict use_column
begin
  return query
    select visit_id, 'enter', zones[1], entry_time from unnest(visits)
    union all
    select s.visit_id, case when zone.zone_type = 'checkout' then 'checkout' else 'browse' end,
      zone.id, entered.since
    from unnest(visits) s
    cross join unnest(s.zones, s.zones_since) entered (zone_id, since)
    join public.zones_dim zone on zone.id = entered.zone_id
      and zone.zone_type in ('aisle', 'display', 'fitting', 'checkout')
    union all
    select s.visit_id, 'engage', stay.zone_id, stay.engaged_at
    from unnest(visits) s
    join public.visit_zone_events stay on stay.visit_id = s.visit_id
      and stay.source = 'neuralsense' and stay.engaged_at is not null;
end $$;

create or replace function private.write_funnel(store uuid, visits private.session[])
returns bigint
language sql volatile set search_path = ''
as $$
  with stages as (
    select distinct on (visit_id, stage) *
    from private.stages_of(visits)
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
    delete from public.funnel_events old using unnest(visits) s
    where old.visit_id = s.visit_id and old.source = 'neuralsense'
      and not exists (select from stages
        where stages.visit_id = old.visit_id and stages.stage = old.stage)
  )
  select count(*) from stages
$$;
