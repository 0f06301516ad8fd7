-- What Supabase's advisors look for, asked of the catalog: each rule finds nothing in our schemas,
-- and finds what is planted for it. Names and numbers are those of the advisors (splinter).
-- Run by `supabase test db` and, in PGlite, by test/integration/supabase/pgtap.test.ts.
begin;
create extension if not exists pgtap with schema extensions;
set local search_path = public, extensions;
select plan(32);

create temporary view our_schemas as
select oid, nspname as name from pg_catalog.pg_namespace where nspname in ('public', 'private');

create temporary view our_relations as
select c.oid, s.name as schema, c.relname as name, c.relkind as kind, c.relrowsecurity as has_rls,
  c.reloptions as options
from pg_catalog.pg_class c join our_schemas s on s.oid = c.relnamespace
where not exists (select from pg_catalog.pg_depend d where d.objid = c.oid and d.deptype = 'e');

create temporary view our_functions as
select p.oid, s.name as schema, p.proname as name, p.prosecdef as is_definer,
  coalesce(p.proconfig, '{}') as config
from pg_catalog.pg_proc p join our_schemas s on s.oid = p.pronamespace
where not exists (select from pg_catalog.pg_depend d where d.objid = p.oid and d.deptype = 'e');

create temporary view our_extensions as
select extname as name, extnamespace::regnamespace as schema from pg_catalog.pg_extension;

-- polroles 0 is everybody.
create temporary view our_policies as
select r.schema, r.name as relation, r.has_rls, p.polname as name, p.polpermissive as permissive,
  p.polcmd as command, p.polroles as roles,
  coalesce(pg_get_expr(p.polqual, p.polrelid), '') as qual,
  coalesce(pg_get_expr(p.polwithcheck, p.polrelid), '') as with_check
from pg_catalog.pg_policy p join our_relations r on r.oid = p.polrelid;

-- One row a finding: which rule, and where.
create temporary view findings (rule, found) as

select '0001_unindexed_foreign_keys', format('%s.%s', r.name, k.conname)
from pg_catalog.pg_constraint k join our_relations r on r.oid = k.conrelid
where k.contype = 'f' and not exists (
  select from pg_catalog.pg_index i
  where i.indrelid = k.conrelid and i.indisvalid and i.indpred is null
    and (string_to_array(i.indkey::text, ' ')::smallint[])[1:cardinality(k.conkey)] = k.conkey)

union all
-- Asked for every row, unless it is wrapped in a select of its own.
select '0003_auth_rls_initplan', format('%s.%s', p.relation, p.name)
from our_policies p
where regexp_replace(p.qual || ' ' || p.with_check,
    'select (auth\.\w+|current_setting)\(', '', 'gi') ~* '(auth\.\w+|current_setting)\('

union all
select '0004_no_primary_key', r.name
from our_relations r
where r.kind in ('r', 'p') and r.schema = 'public' and not exists (
  select from pg_catalog.pg_constraint k where k.conrelid = r.oid and k.contype = 'p')

union all
select '0006_multiple_permissive_policies', format('%s: %s may %s', p.relation, role.name, action)
from our_policies p
cross join unnest(case p.command when '*' then '{r,a,w,d}' else array[p.command::text] end) action
cross join unnest('{anon,authenticated}'::name[]) role (name)
where p.permissive and (p.roles = '{0}' or exists (
  select from pg_catalog.pg_roles known where known.rolname = role.name and known.oid = any (p.roles)))
group by p.schema, p.relation, role.name, action
having count(*) > 1

union all
select '0007_policy_exists_rls_disabled', format('%s.%s', p.relation, p.name)
from our_policies p where not p.has_rls

union all
select '0008_rls_enabled_no_policy', r.name
from our_relations r
where r.has_rls and not exists (
  select from our_policies p where p.schema = r.schema and p.relation = r.name)

union all
select '0009_duplicate_index', format('%s: %s', r.name, string_agg(i.indexname, ', ' order by i.indexname))
from pg_catalog.pg_indexes i
join our_relations r on r.schema = i.schemaname and r.name = i.tablename
group by r.oid, r.name, replace(i.indexdef, i.indexname, '')
having count(*) > 1

union all
select '0010_security_definer_view', r.name
from our_relations r
where r.kind = 'v' and r.schema = 'public'
  and not coalesce(r.options && '{security_invoker=on,security_invoker=true}', false)

union all
select '0011_function_search_path_mutable', f.oid::regprocedure::text
from our_functions f
where not exists (select from unnest(f.config) setting where setting like 'search_path=%')

union all
select '0013_rls_disabled_in_public', r.name
from our_relations r
where r.kind in ('r', 'p') and r.schema = 'public' and not r.has_rls

union all
select '0014_extension_in_public', e.name
from our_extensions e
where e.schema = 'public'::regnamespace and e.name <> 'plpgsql'

union all
-- Users write their own user_metadata.
select '0015_rls_references_user_metadata', format('%s.%s', p.relation, p.name)
from our_policies p
where p.qual || p.with_check ~ 'user_metadata'

union all
select '0016_materialized_view_in_api', r.name
from our_relations r
where r.kind = 'm' and r.schema = 'public' and (has_table_privilege('anon', r.oid, 'select')
  or has_table_privilege('authenticated', r.oid, 'select'))

union all
select '0024_rls_policy_always_true', format('%s.%s', p.relation, p.name)
from our_policies p
where p.permissive and p.command <> 'r'
  and (p.roles = '{0}' or p.roles && array[to_regrole('anon')::oid, to_regrole('authenticated')::oid])
  and (p.qual in ('true', '(1 = 1)') or p.with_check in ('true', '(1 = 1)'))

union all
select '0028_anon_security_definer_function_executable', f.oid::regprocedure::text
from our_functions f
where f.is_definer and has_function_privilege('anon', f.oid, 'execute')

union all
select '0029_authenticated_security_definer_function_executable', f.oid::regprocedure::text
from our_functions f
where f.is_definer and f.schema = 'public'
  and has_function_privilege('authenticated', f.oid, 'execute');

create temporary table rules (rule text primary key, planted text not null);
insert into rules values
  ('0001_unindexed_foreign_keys', 'planted.planted_store_id_fkey'),
  ('0003_auth_rls_initplan', 'planted.asks for each row'),
  ('0004_no_primary_key', 'planted_open'),
  ('0006_multiple_permissive_policies', 'planted: authenticated may r'),
  ('0007_policy_exists_rls_disabled', 'planted_open.idle'),
  ('0008_rls_enabled_no_policy', 'planted_mute'),
  ('0009_duplicate_index', 'planted: planted_one, planted_two'),
  ('0010_security_definer_view', 'planted_view'),
  ('0011_function_search_path_mutable', 'planted_function()'),
  ('0013_rls_disabled_in_public', 'planted_open'),
  ('0014_extension_in_public', 'planted_extension'),
  ('0015_rls_references_user_metadata', 'planted.believes its users'),
  ('0016_materialized_view_in_api', 'planted_copy'),
  ('0024_rls_policy_always_true', 'planted.lets all in'),
  ('0028_anon_security_definer_function_executable', 'planted_function()'),
  ('0029_authenticated_security_definer_function_executable', 'planted_function()');

select is_empty(format('select found from findings where rule = %L', rule), rule || ' finds nothing')
from rules order by rule;

create table planted (id uuid primary key, store_id uuid references stores (id), org_id uuid);
alter table planted enable row level security;
create index planted_one on planted (org_id);
create index planted_two on planted (org_id);
create policy "asks for each row" on planted for select to authenticated using (id = auth.uid());
create policy "believes its users" on planted for select to authenticated
  using (org_id::text = (select auth.jwt()) -> 'user_metadata' ->> 'org_id');
create policy "lets all in" on planted for insert to anon with check (true);
create table planted_open (id uuid);
alter table planted_open disable row level security;
create policy idle on planted_open for select to authenticated using (id is null);
create table planted_mute (id uuid primary key);
alter table planted_mute enable row level security;
create view planted_view as select * from planted;
create materialized view planted_copy as select * from planted;
grant select on planted_copy to anon;
create function planted_function() returns integer language sql security definer as 'select 1';
grant execute on function planted_function() to anon, authenticated;
-- Whoever runs this may not be allowed to install one: the list of extensions is planted instead.
create or replace temporary view our_extensions as
select 'planted_extension'::name as name, 'public'::regnamespace as schema;

select ok(exists (select from findings where findings.rule = rules.rule and found = planted),
  rule || ' finds what was planted')
from rules order by rule;

select * from finish();
rollback;
