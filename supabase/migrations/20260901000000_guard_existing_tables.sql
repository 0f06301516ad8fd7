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
  ), found as (
    select c.relname::text as table_name, a.attname::text as column_name,
      regexp_replace(format_type(a.atttypid, a.atttypmod), '\(.*?\)', '') as type,
      a.attnotnull and not a.atthasdef and a.attidentity = '' as must_be_given
    from pg_catalog.pg_attribute a
    join pg_catalog.pg_class c on c.oid = a.attrelid
    join private.adopted_tables t on t.table_name = c.relname
    where c.relnamespace = 'public'::regnamespace and a.attnum > 0 and not a.attisdropped
  ), problem (text) as (
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
