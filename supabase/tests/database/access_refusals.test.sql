-- Who is refused what, by trying: every table and every function of the API, whatever is added to
-- them, as a visitor without a session, as a signed-in stranger and as a member of another
-- organisation. Run by `supabase test db` and, in PGlite, by test/integration/supabase/pgtap.test.ts.
begin;
create extension if not exists pgtap with schema extensions;
set local search_path = public, extensions;

create temporary table side (name text primary key, org uuid, store uuid, zone uuid, member uuid);
insert into side
select name, gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), gen_random_uuid()
from unnest(array['ours', 'theirs', 'nobodys']) name;

create temporary table tables as
select c.relname as name, quote_ident(first.attname) as a_column,
  case c.relname when 'organisations' then 'id' else 'org_id' end as org_column,
  has_any_column_privilege('authenticated', c.oid, 'select') as is_open
from pg_catalog.pg_class c
join pg_catalog.pg_attribute first on first.attrelid = c.oid and first.attnum = 1
where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
  and not exists (select from pg_catalog.pg_depend d where d.objid = c.oid and d.deptype = 'e');

-- A call of each function about a store: whoever may not, is told so before anything else is looked
-- at, so that the other arguments need only have the right types.
create temporary table calls as
select p.oid::regprocedure::text as name, side.name as about,
  has_function_privilege('authenticated', p.oid, 'execute') as is_open,
  format('select * from %s(%s)', p.oid::regproc, (
    select string_agg(case argument::regtype::text
        when 'uuid' then quote_literal(side.store)
        when 'jsonb' then quote_literal('{}')
        when 'date' then 'current_date'
        when 'timestamp with time zone' then 'now()'
        when 'integer' then '1'
        else quote_literal('text') end || '::' || argument::regtype, ', ' order by place)
    from unnest(p.proargtypes::oid[]) with ordinality given (argument, place))) as call
from pg_catalog.pg_proc p cross join side
where p.pronamespace = 'public'::regnamespace and side.name <> 'nobodys'
  and not exists (select from pg_catalog.pg_depend d where d.objid = p.oid and d.deptype = 'e');

grant select on side, tables, calls to anon, authenticated, service_role;

do $$
declare
  one record;
begin
  for one in select * from side loop
    if to_regclass('auth.users') is not null then
      execute 'insert into auth.users (id) values ($1)' using one.member;
    end if;
    continue when one.name = 'nobodys';
    insert into organisations (id, name) values (one.org, one.name);
    insert into org_members (org_id, user_id) values (one.org, one.member);
    insert into stores (id, org_id, store_name) values (one.store, one.org, one.name);
    insert into zones_dim (id, org_id, store_id, zone_code, zone_name, zone_type, position_x, position_z)
    values (one.zone, one.org, one.store, '1', 'Entrance', 'entrance', 0, 0);
    insert into sensors (org_id, store_id, sensor_code, position_x, position_z)
    values (one.org, one.store, 'pi1', 0, 0);
    perform create_ingest_token(one.store, 'till', encode(sha256(one.name::bytea), 'hex'));
    perform ingest_neuralsense_batch(jsonb_build_object('batch_id', gen_random_uuid(),
      'store_id', one.store, 'org_id', one.org,
      'readings', jsonb_build_array(jsonb_build_object('timestamp', '2026-03-01T01:00:00Z',
        'hashed_mac', repeat('ab', 32), 'zone_id', one.zone, 'rssi_readings', '{"pi1": -50}'::jsonb,
        'estimated_position', '{"x": 1, "y": 1, "confidence": 0.9}'::jsonb)),
      'dwells', jsonb_build_array(jsonb_build_object('enter_timestamp', '2026-03-01T01:00:00Z',
        'exit_timestamp', '2026-03-01T01:00:00Z', 'dwell_seconds', 0,
        'hashed_mac', repeat('ab', 32), 'zone_id', one.zone))));
    perform broadcast_live(jsonb_build_object('store_id', one.store, 'at', now(), 'entries', 0,
      'exits', 0, 'zones', '[]'::jsonb));
  end loop;
end $$;

-- isnt_empty, then anon: 4 and 1; a member: 3 writes, 2 reads or 1; a stranger: 1; grants; two that may.
select plan((
  (select count(*) * 8 + count(*) filter (where is_open) * 3 + count(*) filter (where not is_open)
    from tables)
  + (select count(*) + count(*) filter (where not is_open or about = 'theirs')
      + count(*) filter (where is_open) + count(*) filter (where about = 'ours')
    from calls)
  + 3)::integer);

-- The refusals below would prove nothing about empty tables.
select isnt_empty(format('select 1 from public.%I', name), format('%s holds rows', name))
from tables;

create temporary view writes as
select name, format(statement, name, a_column) as statement
from tables cross join unnest(array['delete from public.%1$I',
  'insert into public.%1$I default values', 'update public.%1$I set %2$s = %2$s']) statement;
grant select on writes to anon, authenticated;

-- By trying alone a call that is let in, and fails further in, would look like a refusal.
select is_empty(format('select 1 where has_function_privilege(''anon'', %L, ''execute'')', name),
  format('anon may not execute %s', name))
from calls where about = 'ours';
select is_empty($$ select name from calls
  where is_open and name !~ '^(kpi_\w+|ingest_(health|runs|sensors|backlog))\(' $$,
  'signed-in users may execute what gives figures to members, and nothing else');

-- Without a session.
do $$ begin perform set_config('request.jwt.claims', '{"role": "anon"}', true); end $$;
set local role anon;
select throws_ok(format('select 1 from public.%I', name), '42501', null, format('anon reads no %s', name))
from tables;
select throws_ok(statement, '42501', null, format('anon: %s', statement)) from writes;
select throws_ok(call, '42501', null, format('anon: %s about %s', name, about)) from calls;
reset role;

-- A member of one organisation.
do $$ begin
  perform set_config('request.jwt.claims', json_build_object('role', 'authenticated', 'sub', member)::text,
    true)
  from side where name = 'ours';
end $$;
set local role authenticated;
select throws_ok(statement, '42501', null, format('member: %s', statement)) from writes;
select throws_ok(format('select 1 from public.%I', name), '42501', null,
  format('a member reads no %s', name))
from tables where not is_open;
select isnt_empty(format('select 1 from public.%I where %I = %L', tables.name, org_column, org),
  format('a member reads own %s', tables.name))
from tables, side where is_open and side.name = 'ours';
select is_empty(format('select 1 from public.%I where %I <> %L', tables.name, org_column, org),
  format('a member reads %s of no other organisation', tables.name))
from tables, side where is_open and side.name = 'ours';
select throws_ok(call, '42501', null, format('member: %s about %s', name, about))
from calls where not is_open or about = 'theirs';
select lives_ok($$ select * from zones_dim $$, 'a member is not refused everything');
reset role;

-- Signed in, and a member of nothing.
do $$ begin
  perform set_config('request.jwt.claims', json_build_object('role', 'authenticated', 'sub', member)::text,
    true)
  from side where name = 'nobodys';
end $$;
set local role authenticated;
select is_empty(format('select 1 from public.%I where %I is not null', name, org_column),
  format('a stranger reads no %s', name))
from tables where is_open;
select throws_ok(call, '42501', null, format('stranger: %s about %s', name, about))
from calls where is_open;
reset role;

-- What the functions are for is not refused.
set local role service_role;
select isnt_empty('select * from list_ingest_tokens()', 'the service role lists tokens');
reset role;

select * from finish();
rollback;
