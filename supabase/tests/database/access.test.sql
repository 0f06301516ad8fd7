-- Run by `supabase test db` and, in PGlite, by test/integration/supabase/pgtap.test.ts.
begin;
create extension if not exists pgtap with schema extensions;
set local search_path = public, extensions;
select plan(65);

create temporary view our_tables as
select unnest(array['organisations', 'org_members', 'stores', 'zones_dim', 'ingest_tokens',
  'raw_imports', 'etl_runs', 'zone_events', 'zone_dwells', 'visits', 'visit_zone_events',
  'funnel_events', 'sensors'])::name as name;

select has_table('public', name, format('%s exists', name)) from our_tables;

select ok(relrowsecurity, format('%s has row level security', relname))
from pg_class join our_tables on relname = name
where relnamespace = 'public'::regnamespace;

select table_privs_are('public', name, 'anon', array[]::text[], format('%s is closed to anon', name))
from our_tables;

select ok(not has_table_privilege('authenticated', format('public.%I', name), 'insert, update, delete'),
  format('%s is not written by users', name))
from our_tables;

select ok(not has_any_column_privilege('authenticated', format('public.%I', name), 'select'),
  format('%s is not read by users', name))
from unnest(array['ingest_tokens', 'raw_imports', 'zone_events', 'zone_dwells']) name;

select ok(not has_column_privilege('authenticated', 'public.visits', name, 'select'),
  format('visits.%s is not read by users', name))
from unnest(array['metadata', 'visitor_id', 'user_id', 'customer_id']) name;

select function_privs_are('public', 'ingest_neuralsense_batch', array['jsonb'], role, array[]::text[])
from unnest(array['anon', 'authenticated']) role;

select function_privs_are('public', 'ingest_neuralsense_batch', array['jsonb'], 'service_role',
  array['EXECUTE']);

select is(count(*)::int, 19, 'the demo store has 19 zones')
from zones_dim where store_id = '6f1d2c1e-5b7a-4d0e-9c3f-1a2b3c4d5e02';

select is(count(*)::int, 8, 'and 8 sensors')
from sensors where store_id = '6f1d2c1e-5b7a-4d0e-9c3f-1a2b3c4d5e02';

select * from finish();
rollback;
