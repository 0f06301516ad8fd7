-- What is in this project before it is migrated. Changes nothing:
--   psql "$DATABASE_URL" -X -f supabase/preflight.sql
-- Counting reads every row of the tables once.
begin transaction read only;

-- 1. The tables that the migrations extend or create; null rows: not there, will be created.
select name as table_name, to_regclass('public.' || name) is not null as is_there,
  case when to_regclass('public.' || name) is not null then (xpath('/row/n/text()',
    query_to_xml(format('select count(*) as n from public.%I', name), false, true, '')))[1]::text::bigint
  end as rows,
  c.relrowsecurity as row_level_security, pg_catalog.pg_get_userbyid(c.relowner) as owner
from unnest(array['organisations', 'org_members', 'stores', 'zones_dim', 'ingest_tokens',
  'raw_imports', 'etl_runs', 'zone_events', 'zone_dwells', 'visits', 'visit_zone_events',
  'funnel_events', 'sensors']) with ordinality wanted (name, place)
left join pg_catalog.pg_class c on c.oid = to_regclass('public.' || name)
order by place;

-- 2. Their columns.
select table_name, ordinal_position as place, column_name,
  pg_catalog.format_type(a.atttypid, a.atttypmod) as type, is_nullable, column_default
from information_schema.columns
join pg_catalog.pg_attribute a
  on a.attrelid = to_regclass('public.' || quote_ident(table_name)) and a.attname = column_name
where table_schema = 'public' and table_name in ('organisations', 'org_members', 'stores',
  'zones_dim', 'ingest_tokens', 'raw_imports', 'etl_runs', 'zone_events', 'zone_dwells', 'visits',
  'visit_zone_events', 'funnel_events', 'sensors')
order by table_name, ordinal_position;

-- 3. Who may do what.
select tablename as table_name, policyname as policy, permissive, roles, cmd, qual, with_check
from pg_catalog.pg_policies
where schemaname = 'public'
order by tablename, policyname;

-- 4. Grants on the tables.
select c.relname as table_name, coalesce(pg_catalog.pg_roles.rolname, 'public') as grantee,
  string_agg(acl.privilege_type, ', ' order by acl.privilege_type) as privileges
from pg_catalog.pg_class c
cross join lateral aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) acl
left join pg_catalog.pg_roles on pg_catalog.pg_roles.oid = acl.grantee
where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
group by 1, 2
order by 1, 2;

-- 5. Constraints and indexes that rows of ours would have to obey as well.
select conrelid::regclass as table_name, conname as name, pg_catalog.pg_get_constraintdef(oid) as definition
from pg_catalog.pg_constraint
where connamespace = 'public'::regnamespace and conrelid <> 0
union all
select indrelid::regclass, indexrelid::regclass::text, pg_catalog.pg_get_indexdef(indexrelid)
from pg_catalog.pg_index
where indisunique and not exists (select from pg_catalog.pg_constraint where conindid = indexrelid)
  and indrelid in (select oid from pg_catalog.pg_class where relnamespace = 'public'::regnamespace)
order by 1, 2;

-- 6. Which of this project's migrations have run already.
select to_regclass('supabase_migrations.schema_migrations') is not null as has_history,
  to_regnamespace('private') is not null as has_private_schema;

rollback;
