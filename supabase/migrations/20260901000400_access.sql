-- Who may do what. Each grant stands next to its policy; what is not granted here is closed.
set local lock_timeout = '5s';

-- Older projects give every new table to anon and authenticated; ours start with nothing.
-- A table that was here before us keeps the grants its owner gave it.
do $$
declare
  name text;
begin
  foreach name in array array['organisations', 'org_members', 'stores', 'zones_dim',
    'ingest_tokens', 'raw_imports', 'etl_runs', 'zone_events', 'zone_dwells', 'visits',
    'visit_zone_events', 'funnel_events']
  loop
    execute format('alter table public.%I enable row level security', name);
    if not exists (select from private.adopted_tables where table_name = name) then
      execute format('revoke all on table public.%I from anon, authenticated', name);
    end if;
    execute format('grant select, insert, update, delete on table public.%I to service_role', name);
  end loop;
end $$;

-- Definer rights, because a policy on org_members that read org_members would never end.
create or replace function private.my_org_ids() returns setof uuid
language sql stable security definer set search_path = ''
as $$ select org_id from public.org_members where user_id = (select auth.uid()) $$;
revoke all on function private.my_org_ids() from public;
grant execute on function private.my_org_ids() to authenticated;

grant select on public.organisations to authenticated;
create policy "members read their organisations" on public.organisations
  for select to authenticated using (id in (select private.my_org_ids()));

grant select on public.org_members to authenticated;
create policy "members read who belongs to their organisations" on public.org_members
  for select to authenticated using (org_id in (select private.my_org_ids()));

grant select on public.stores to authenticated;
create policy "members read their stores" on public.stores
  for select to authenticated using (org_id in (select private.my_org_ids()));

grant select on public.zones_dim to authenticated;
create policy "members read their zones" on public.zones_dim
  for select to authenticated using (org_id in (select private.my_org_ids()));

grant select on public.etl_runs to authenticated;
create policy "members read their runs" on public.etl_runs
  for select to authenticated using (org_id in (select private.my_org_ids()));

-- Column by column: metadata holds the hash, visitor_id stands for it.
grant select (id, org_id, store_id, visit_date, entry_time, exit_time, duration_minutes,
  zones_visited, source, created_at) on public.visits to authenticated;
create policy "members read their visits" on public.visits
  for select to authenticated
  using (source = 'neuralsense' and org_id in (select private.my_org_ids()));

grant select on public.visit_zone_events to authenticated;
create policy "members read their visits' zones" on public.visit_zone_events
  for select to authenticated
  using (source = 'neuralsense' and org_id in (select private.my_org_ids()));

grant select on public.funnel_events to authenticated;
create policy "members read their funnel" on public.funnel_events
  for select to authenticated
  using (source = 'neuralsense' and org_id in (select private.my_org_ids()));

-- Where a table was here before us, its own policies may be wider than ours. Restrictive policies
-- keep our rows to their organisation, and from being written by anybody but the service role, and
-- say nothing about anybody else's rows.
do $$
declare
  name text;
  others text;
begin
  for name, others in values
    ('visits', $rule$source is distinct from 'neuralsense'$rule$),
    ('visit_zone_events', $rule$source is distinct from 'neuralsense'$rule$),
    ('funnel_events', $rule$source is distinct from 'neuralsense'$rule$),
    ('etl_runs', $rule$etl_function is distinct from 'process-neuralsense-data'$rule$)
  loop
    execute format('create policy "sensed rows are nobody''s without a session" on public.%I
      as restrictive for all to anon using (%s)', name, others);
    execute format('create policy "sensed rows stay in their organisation" on public.%I
      as restrictive for select to authenticated
      using (%s or org_id in (select private.my_org_ids()))', name, others);
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
