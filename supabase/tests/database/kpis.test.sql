-- Run by `supabase test db` and, in PGlite, by test/integration/supabase/pgtap.test.ts.
begin;
create extension if not exists pgtap with schema extensions;
set local search_path = public, extensions;
select plan(72);

create temporary view kpi_functions as
select p.oid, p.proname as name, p.proargnames,
  array(select format_type(t, null) from unnest(p.proargtypes) t) as args
from pg_proc p
where p.pronamespace = 'public'::regnamespace
  and (p.proname like 'kpi\_%' or p.proname in
    ('ingest_runs', 'ingest_health', 'ingest_sensors', 'ingest_backlog'));

select is(count(*)::int, 17, 'there are 17 functions') from kpi_functions;

select function_privs_are('public', name, args, 'authenticated', array['EXECUTE']) from kpi_functions;

select function_privs_are('public', name, args, role, array[]::text[])
from kpi_functions cross join unnest(array['anon', 'service_role']) role;

select ok(not proargnames && array['hashed_mac', 'visitor_id', 'metadata', 'reading_key'],
  format('%s says nothing of who it was', name))
from kpi_functions;

select is(count(*)::int, 0, 'none of them has definer rights')
from pg_proc p join kpi_functions k on k.oid = p.oid where p.prosecdef;

select is(array_agg(p.proname::text order by p.proname::text),
  array['failed_imports', 'last_reading_at', 'member_figures', 'member_last_success',
    'member_overview', 'member_people', 'member_runs', 'member_settings', 'member_totals', 'member_visitors',
    'member_zone_hours', 'member_zones', 'require_member', 'sensors_heard', 'visitors_by_zone'],
  'of their helpers, these look at closed tables for members')
from pg_proc p
where p.pronamespace = 'private'::regnamespace and p.prosecdef and p.proname <> 'my_org_ids'
  and has_function_privilege('authenticated', p.oid, 'execute')
  and not has_function_privilege('anon', p.oid, 'execute');

select is(array_agg(p.proname::text order by p.proname::text),
  array['day_of', 'kpi_hours', 'midnight', 'ratio', 'require_days', 'require_instant',
    'require_range', 'require_zone'],
  'and these are the others that users may call')
from pg_proc p
where p.pronamespace = 'private'::regnamespace and not p.prosecdef
  and has_function_privilege('authenticated', p.oid, 'execute');

select * from finish();
rollback;
