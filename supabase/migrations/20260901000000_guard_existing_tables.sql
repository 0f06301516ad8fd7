-- Looks before anything is changed: this project may be given a database that already holds some
-- of its tables, with rows. They are extended, never rebuilt; what cannot be extended stops here.
set local lock_timeout = '5s';

-- Not exposed by the API: helpers of policies and of the ingestion.
create schema if not exists private;
revoke all on schema private from public;
grant usage on schema private to authenticated, service_role;

-- Tables that were here before us keep the privileges that their owner gave them.
create table if not exists private.adopted_tables (
  table_name text primary key,
  adopted_at timestamptz not null default now()
);
alter table private.adopted_tables enable row level security;

create or replace function private.is_adopted(name text) returns boolean
language sql stable set search_path = ''
as $$ select exists (select from private.adopted_tables where table_name = name) $$;
revoke all on function private.is_adopted(text) from public;

insert into private.adopted_tables (table_name)
select c.relname
from pg_catalog.pg_class c
where c.relnamespace = 'public'::regnamespace
  and c.relkind in ('r', 'p')
  and c.relname in ('organisations', 'org_members', 'stores', 'zones_dim', 'ingest_tokens',
    'raw_imports', 'etl_runs', 'zone_events', 'zone_dwells', 'visits', 'visit_zone_events',
    'funnel_events', 'sensors')
on conflict do nothing;

do $$
declare
  problems text;
begin
  with expected (table_name, column_name, types) as (
    values
      ('organisations', 'id', '{uuid}'::text[]),
      ('organisations', 'name', '{text,character varying}'),
      ('organisations', 'created_at', '{timestamp with time zone,timestamp without time zone}'),
      ('org_members', 'org_id', '{uuid}'),
      ('org_members', 'user_id', '{uuid}'),
      ('org_members', 'role', '{text,character varying}'),
      ('org_members', 'created_at', '{timestamp with time zone,timestamp without time zone}'),
      ('stores', 'id', '{uuid}'),
      ('stores', 'org_id', '{uuid}'),
      ('stores', 'store_name', '{text,character varying}'),
      ('stores', 'time_zone', '{text,character varying}'),
      ('stores', 'settings', '{jsonb}'),
      ('stores', 'created_at', '{timestamp with time zone,timestamp without time zone}'),
      ('zones_dim', 'id', '{uuid}'),
      ('zones_dim', 'org_id', '{uuid}'),
      ('zones_dim', 'store_id', '{uuid}'),
      ('zones_dim', 'zone_code', '{text,character varying}'),
      ('zones_dim', 'zone_name', '{text,character varying}'),
      ('zones_dim', 'zone_type', '{text,character varying}'),
      ('zones_dim', 'position_x', '{double precision,numeric,real}'),
      ('zones_dim', 'position_y', '{double precision,numeric,real}'),
      ('zones_dim', 'position_z', '{double precision,numeric,real}'),
      ('zones_dim', 'is_active', '{boolean}'),
      ('zones_dim', 'created_at', '{timestamp with time zone,timestamp without time zone}'),
      ('raw_imports', 'id', '{uuid}'),
      ('raw_imports', 'batch_id', '{uuid}'),
      ('raw_imports', 'org_id', '{uuid}'),
      ('raw_imports', 'store_id', '{uuid}'),
      ('raw_imports', 'source', '{text,character varying}'),
      ('raw_imports', 'payload', '{jsonb}'),
      ('raw_imports', 'payload_hash', '{text,character varying}'),
      ('raw_imports', 'status', '{text,character varying}'),
      ('raw_imports', 'result', '{jsonb}'),
      ('raw_imports', 'created_at', '{timestamp with time zone,timestamp without time zone}'),
      ('etl_runs', 'id', '{uuid}'),
      ('etl_runs', 'org_id', '{uuid}'),
      ('etl_runs', 'store_id', '{uuid}'),
      ('etl_runs', 'batch_id', '{uuid}'),
      ('etl_runs', 'etl_function', '{text,character varying}'),
      ('etl_runs', 'status', '{text,character varying}'),
      ('etl_runs', 'started_at', '{timestamp with time zone,timestamp without time zone}'),
      ('etl_runs', 'completed_at', '{timestamp with time zone,timestamp without time zone}'),
      ('etl_runs', 'counters', '{jsonb}'),
      ('etl_runs', 'rejections', '{jsonb}'),
      ('etl_runs', 'error_code', '{text,character varying}'),
      ('etl_runs', 'error_message', '{text,character varying}'),
      ('zone_events', 'id', '{uuid}'),
      ('zone_events', 'org_id', '{uuid}'),
      ('zone_events', 'store_id', '{uuid}'),
      ('zone_events', 'zone_id', '{uuid}'),
      ('zone_events', 'batch_id', '{uuid}'),
      ('zone_events', 'reading_key', '{text,character varying}'),
      ('zone_events', 'hashed_mac', '{text,character varying}'),
      ('zone_events', 'event_time', '{timestamp with time zone}'),
      ('zone_events', 'sensor_type', '{text,character varying}'),
      ('zone_events', 'rssi_readings', '{jsonb}'),
      ('zone_events', 'position_x', '{double precision,numeric,real}'),
      ('zone_events', 'position_y', '{double precision,numeric,real}'),
      ('zone_events', 'confidence', '{double precision,numeric,real}'),
      ('zone_events', 'device_class', '{text,character varying}'),
      ('zone_events', 'created_at', '{timestamp with time zone,timestamp without time zone}'),
      ('visits', 'id', '{uuid}'),
      ('visits', 'org_id', '{uuid}'),
      ('visits', 'store_id', '{uuid}'),
      ('visits', 'user_id', '{text,character varying,uuid}'),
      ('visits', 'customer_id', '{text,character varying,uuid,bigint,integer}'),
      ('visits', 'visit_date', '{date,text,character varying}'),
      ('visits', 'visitor_id', '{uuid}'),
      ('visits', 'entry_time', '{timestamp with time zone}'),
      ('visits', 'exit_time', '{timestamp with time zone}'),
      ('visits', 'duration_minutes', '{numeric,integer,double precision,real}'),
      ('visits', 'zones_visited', '{uuid[],text[],jsonb}'),
      ('visits', 'source', '{text,character varying}'),
      ('visits', 'metadata', '{jsonb}'),
      ('visits', 'created_at', '{timestamp with time zone,timestamp without time zone}'),
      ('visit_zone_events', 'id', '{uuid}'),
      ('visit_zone_events', 'org_id', '{uuid}'),
      ('visit_zone_events', 'store_id', '{uuid}'),
      ('visit_zone_events', 'visit_id', '{uuid}'),
      ('visit_zone_events', 'zone_id', '{uuid}'),
      ('visit_zone_events', 'sequence', '{integer}'),
      ('visit_zone_events', 'entered_at', '{timestamp with time zone}'),
      ('visit_zone_events', 'exited_at', '{timestamp with time zone}'),
      ('visit_zone_events', 'dwell_seconds', '{numeric,double precision}'),
      ('visit_zone_events', 'zone_seconds', '{numeric,double precision}'),
      ('visit_zone_events', 'engaged_at', '{timestamp with time zone}'),
      ('visit_zone_events', 'origin', '{text,character varying}'),
      ('visit_zone_events', 'source', '{text,character varying}'),
      ('visit_zone_events', 'created_at', '{timestamp with time zone,timestamp without time zone}'),
      ('funnel_events', 'id', '{uuid}'),
      ('funnel_events', 'org_id', '{uuid}'),
      ('funnel_events', 'store_id', '{uuid}'),
      ('funnel_events', 'visit_id', '{uuid}'),
      ('funnel_events', 'zone_id', '{uuid}'),
      ('funnel_events', 'stage', '{text,character varying}'),
      ('funnel_events', 'event_time', '{timestamp with time zone}'),
      ('funnel_events', 'source', '{text,character varying}'),
      ('funnel_events', 'created_at', '{timestamp with time zone,timestamp without time zone}'),
      ('sensors', 'id', '{uuid}'),
      ('sensors', 'org_id', '{uuid}'),
      ('sensors', 'store_id', '{uuid}'),
      ('sensors', 'sensor_code', '{text,character varying}'),
      ('sensors', 'position_x', '{double precision,numeric,real}'),
      ('sensors', 'position_y', '{double precision,numeric,real}'),
      ('sensors', 'position_z', '{double precision,numeric,real}'),
      ('sensors', 'offset_db', '{double precision,numeric,real}'),
      ('sensors', 'is_active', '{boolean}'),
      ('sensors', 'created_at', '{timestamp with time zone,timestamp without time zone}')
  ), room_needed (table_name, column_name, room) as (
    -- The longest text, or the most digits before the point, that is written there. Null: no limit, for
    -- a length or an instant that was rounded would not be found again.
    values
      ('raw_imports', 'source', 11), ('raw_imports', 'payload_hash', 64), ('raw_imports', 'status', 9),
      ('etl_runs', 'etl_function', 24), ('etl_runs', 'status', 9), ('etl_runs', 'error_code', 5),
      ('etl_runs', 'error_message', null),
      ('zone_events', 'reading_key', 64), ('zone_events', 'hashed_mac', 64),
      ('zone_events', 'sensor_type', 4), ('zone_events', 'device_class', 19),
      ('zone_events', 'event_time', null),
      ('visits', 'user_id', 6), ('visits', 'visit_date', 10), ('visits', 'source', 11),
      ('visits', 'duration_minutes', 4), ('visits', 'entry_time', null), ('visits', 'exit_time', null),
      ('visit_zone_events', 'origin', 8), ('visit_zone_events', 'source', 11),
      ('visit_zone_events', 'entered_at', null), ('visit_zone_events', 'exited_at', null),
      ('visit_zone_events', 'dwell_seconds', null), ('visit_zone_events', 'zone_seconds', null),
      ('visit_zone_events', 'engaged_at', null),
      ('funnel_events', 'stage', 8), ('funnel_events', 'source', 11),
      ('funnel_events', 'event_time', null)
  ), indispensable (table_name, column_name, is_key) as (
    -- What other tables refer to, and what says who belongs to what: nothing is added there.
    values ('organisations', 'id', true), ('stores', 'id', true), ('zones_dim', 'id', true),
      ('org_members', 'org_id', false), ('org_members', 'user_id', false)
  ), adopted as (
    select c.oid, c.relname::text as table_name, c.relrowsecurity as has_rls
    from pg_catalog.pg_class c join private.adopted_tables t on t.table_name = c.relname
    where c.relnamespace = 'public'::regnamespace
  ), found as (
    select t.oid, t.table_name, a.attnum, a.attname::text as column_name,
      format_type(a.atttypid, a.atttypmod) as full_type,
      regexp_replace(format_type(a.atttypid, a.atttypmod), '\(.*?\)', '') as type,
      case
        when a.atttypmod = -1 then null
        when a.atttypid = 'varchar'::regtype then a.atttypmod - 4
        when a.atttypid = 'numeric'::regtype
          then ((a.atttypmod - 4) >> 16) - ((a.atttypmod - 4) & 2047)
        else 0 end as room,
      a.attgenerated <> '' or a.attidentity = 'a' as is_computed,
      a.attnotnull and not a.atthasdef and a.attidentity = '' as must_be_given
    from pg_catalog.pg_attribute a join adopted t on t.oid = a.attrelid
    where a.attnum > 0 and not a.attisdropped
  ), problem (text) as (
    select format('%s is no table', c.relname)
    from pg_catalog.pg_class c
    where c.relnamespace = 'public'::regnamespace and c.relkind not in ('r', 'p')
      and c.relname in (select table_name from expected)
    union all
    select 'live_occupancy is there already, and that name is needed'
    where to_regclass('public.live_occupancy') is not null
    union all
    select format('column %s.%s is missing', table_name, column_name)
    from indispensable join adopted using (table_name)
      left join found using (table_name, column_name)
    where found.attnum is null
    union all
    select format('column %s.%s is not unique: a primary key is needed', table_name, column_name)
    from indispensable join found using (table_name, column_name)
    where is_key and not exists (
      select from pg_catalog.pg_index i
      where i.indrelid = found.oid and i.indisunique and i.indimmediate and i.indpred is null
        and i.indkey::text = found.attnum::text)
    union all
    -- Whoever may write there makes himself a member, and reads all.
    select format('table %s has no row level security, and %s may write to it: %s', table_name, role,
      'switch it on, with policies of your own, or revoke insert and update')
    from adopted cross join unnest(array['anon', 'authenticated']) role
    where table_name in ('org_members', 'stores') and not has_rls and to_regrole(role) is not null
      and has_any_column_privilege(to_regrole(role), oid, 'insert, update')
    union all
    select format('column %s.%s is %s: too narrow', table_name, column_name, full_type)
    from room_needed needed join found using (table_name, column_name)
    where found.room < coalesce(needed.room, 2147483647)
    union all
    select format('column %s.%s is computed, but values are written there', table_name, column_name)
    from expected join found using (table_name, column_name)
    where is_computed
      and table_name not in ('organisations', 'org_members', 'stores', 'zones_dim')
    union all
    select format('column %s.%s is %s, but %s is needed',
      table_name, column_name, type, array_to_string(types, ' or '))
    from expected join found using (table_name, column_name)
    where type <> all (types)
    union all
    select format('column %s.%s is not null without a default, and nothing is known to put there',
      table_name, column_name)
    from found left join expected using (table_name, column_name)
    where must_be_given and types is null
    union all
    select 'column visits.customer_id is not null, but a visit seen by sensors has no customer'
    from found where must_be_given and table_name = 'visits' and column_name = 'customer_id'
  )
  select string_agg(text, E'\n  ' order by text) into problems from problem;

  if problems is not null then
    raise exception E'This database cannot be extended as it is; nothing was changed:\n  %', problems;
  end if;
end $$;
