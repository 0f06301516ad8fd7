-- Who may do what. Each grant stands next to its policy; what is not granted here is closed.
-- A table that was here before us keeps its owner's grants and policies, and gets none that would open
-- the owner's rows any further. There, ours are added to rows of ours alone.
set local lock_timeout = '5s';

-- Switching row level security on hides what no policy shows. Where it was off, whoever could reach
-- rows that are not ours still can.
do $$
declare
  name text;
  others text;
begin
  for name, others in values
    ('organisations', 'true'), ('org_members', 'true'), ('stores', 'true'), ('zones_dim', 'true'),
    ('sensors', 'true'),
    ('ingest_tokens', 'false'), ('zone_dwells', 'false'),
    ('raw_imports', $rule$source is distinct from 'neuralsense'$rule$),
    ('zone_events', 'reading_key is null'),
    ('visits', $rule$source is distinct from 'neuralsense'$rule$),
    ('visit_zone_events', $rule$source is distinct from 'neuralsense'$rule$),
    ('funnel_events', $rule$source is distinct from 'neuralsense'$rule$),
    ('etl_runs', $rule$etl_function is distinct from 'process-neuralsense-data'$rule$)
  loop
    if not private.is_adopted(name) then
      -- Older projects give every new table to anon and authenticated; ours start with nothing.
      execute format('revoke all on table public.%I from anon, authenticated', name);
    elsif not (select c.relrowsecurity from pg_catalog.pg_class c
      where c.oid = format('public.%I', name)::regclass)
    then
      execute format('create policy "as open as before" on public.%I using (%s) with check (%2$s)',
        name, others);
    end if;
    execute format('alter table public.%I enable row level security', name);
    execute format('grant select, insert, update, delete on table public.%I to service_role', name);
  end loop;
end $$;

-- Definer rights, because a policy on org_members that read org_members would never end.
create or replace function private.my_org_ids() returns setof uuid
language sql stable security definer set search_path = ''
as $$ select org_id from public.org_members where user_id = (select auth.uid()) $$;
revoke all on function private.my_org_ids() from public;
grant execute on function private.my_org_ids() to authenticated;

do $$
begin
  if not private.is_adopted('organisations') then
    grant select on public.organisations to authenticated;
    create policy "members read their organisations" on public.organisations
      for select to authenticated using (id in (select private.my_org_ids()));
  end if;

  if not private.is_adopted('org_members') then
    grant select on public.org_members to authenticated;
    create policy "members read who belongs to their organisations" on public.org_members
      for select to authenticated using (org_id in (select private.my_org_ids()));
  end if;

  -- A dashboard cannot do without these two.
  if not private.is_adopted('stores') then
    grant select on public.stores to authenticated;
  end if;
  create policy "members read their stores" on public.stores
    for select to authenticated using (org_id in (select private.my_org_ids()));

  if not private.is_adopted('zones_dim') then
    grant select on public.zones_dim to authenticated;
  end if;
  create policy "members read their zones" on public.zones_dim
    for select to authenticated using (org_id in (select private.my_org_ids()));

  if not private.is_adopted('sensors') then
    grant select on public.sensors to authenticated;
    create policy "members read their sensors" on public.sensors
      for select to authenticated using (org_id in (select private.my_org_ids()));
  end if;

  if not private.is_adopted('etl_runs') then
    grant select on public.etl_runs to authenticated;
  end if;
  create policy "members read their runs" on public.etl_runs
    for select to authenticated using (etl_function = 'process-neuralsense-data'
      and org_id in (select private.my_org_ids()));

  -- Column by column: metadata holds the hash, visitor_id stands for it. Who was granted a whole table
  -- reads all columns, so in a table that was here before us our rows are shown to nobody.
  if not private.is_adopted('visits') then
    grant select (id, org_id, store_id, visit_date, entry_time, exit_time, duration_minutes,
      zones_visited, source, created_at) on public.visits to authenticated;
    create policy "members read their visits" on public.visits
      for select to authenticated
      using (source = 'neuralsense' and org_id in (select private.my_org_ids()));
  end if;

  if not private.is_adopted('visit_zone_events') then
    grant select on public.visit_zone_events to authenticated;
  end if;
  create policy "members read their visits' zones" on public.visit_zone_events
    for select to authenticated
    using (source = 'neuralsense' and org_id in (select private.my_org_ids()));

  if not private.is_adopted('funnel_events') then
    grant select on public.funnel_events to authenticated;
  end if;
  create policy "members read their funnel" on public.funnel_events
    for select to authenticated
    using (source = 'neuralsense' and org_id in (select private.my_org_ids()));
end $$;

-- Where a table was here before us, its own policies may be wider than ours. Restrictive policies
-- keep our rows to their organisation, and from being written by anybody but the service role, and
-- say nothing about anybody else's rows.
do $$
declare
  name text;
  others text;
  readers text;
begin
  for name, others in values
    ('visits', $rule$source is distinct from 'neuralsense'$rule$),
    ('visit_zone_events', $rule$source is distinct from 'neuralsense'$rule$),
    ('funnel_events', $rule$source is distinct from 'neuralsense'$rule$),
    ('etl_runs', $rule$etl_function is distinct from 'process-neuralsense-data'$rule$)
  loop
    readers := case when name = 'visits' and private.is_adopted(name) then 'false'
      else 'org_id in (select private.my_org_ids())' end;
    execute format('create policy "sensed rows are nobody''s without a session" on public.%I
      as restrictive for all to anon using (%s)', name, others);
    execute format('create policy "sensed rows stay in their organisation" on public.%I
      as restrictive for select to authenticated
      using (%s or %s)', name, others, readers);
    execute format('create policy "sensed rows are not made by users" on public.%I
      as restrictive for insert to authenticated with check (%s)', name, others);
    execute format('create policy "sensed rows are not changed by users" on public.%I
      as restrictive for update to authenticated using (%s) with check (%2$s)', name, others);
    execute format('create policy "sensed rows are not deleted by users" on public.%I
      as restrictive for delete to authenticated using (%s)', name, others);
  end loop;
end $$;

-- Closed to dashboards: they hold hashes, or the means to write.
create policy "closed" on public.raw_imports
  as restrictive for all to anon, authenticated using (source is distinct from 'neuralsense');
create policy "closed" on public.zone_events
  as restrictive for all to anon, authenticated using (reading_key is null);
create policy "closed" on public.zone_dwells
  as restrictive for all to anon, authenticated using (false);
create policy "closed" on public.ingest_tokens
  as restrictive for all to anon, authenticated using (false);
create policy "closed" on private.adopted_tables
  as restrictive for all to anon, authenticated using (false);
