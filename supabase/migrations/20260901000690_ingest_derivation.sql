-- From what is new to what it means: sessions, visits, stays, stages and figures.
set local lock_timeout = '5s';

-- Answers with how many rows were derived. What is gone is deleted last: until then its stays tell
-- where its runs began and ended.
create or replace function private.derive_visits(store uuid, heard private.sighting[],
  stayed private.sighting[])
returns jsonb
language plpgsql volatile set search_path = ''
as $$
declare
  near constant private.sessions[] :=
    array(select s from private.sessions_near(store, heard || stayed) s);
  sessions constant private.session[] :=
    array(select s from private.sessions_with(store, near, heard) s);
  visits constant private.session[] := array(
    select cut from private.cut_visits(store, near, array(
      select s from unnest(sessions) s where s.is_persistent and not s.is_resident), heard, stayed) cut);
  gone constant uuid[] := array(
    select visit_id from unnest(near) where is_visit
    except
    select visit_id from unnest(sessions) where is_persistent and not is_resident);
  were constant private.visit_span[] := array(
    select row(visit_id, hashed_mac, entry_time, exit_time)::private.visit_span
    from unnest(near)
    where is_visit and (visit_id = any (gone) or visit_id in (select v.visit_id from unnest(visits) v)));
  are constant private.visit_span[] := array(
    select row(visit_id, hashed_mac, entry_time, exit_time)::private.visit_span from unnest(visits));
  stretches constant private.visit_span[] := array(
    select row(null, hashed_mac, min(entry_time), max(exit_time))::private.visit_span
    from unnest(were || are) group by hashed_mac);
  counted private.figure[];
  stays bigint;
  stages bigint;
  keeps_figures constant boolean := private.keep_figures(store);
begin
  if keeps_figures then
    counted := array(select f from private.all_figures_of(store, were, stretches) f);
  end if;
  perform private.write_visits(store, visits);
  stays := private.write_stays(store, visits, heard);
  stages := private.write_funnel(store, visits);
  perform private.write_sessions(store, near, sessions);
  perform private.delete_visits(gone);
  if keeps_figures then
    perform private.change_figures(store, counted,
      array(select f from private.all_figures_of(store, are, stretches) f));
  end if;
  return jsonb_build_object('visits', cardinality(visits), 'visit_zone_events', stays,
    'funnel_events', stages);
end $$;
