-- What a Supabase project has before its first migration and a plain Postgres has not.
-- Runs at every start, so everything here is "if absent". Never runs on Supabase itself.

do $$
declare
  role_name text;
begin
  foreach role_name in array array['anon', 'authenticated', 'service_role', 'authenticator'] loop
    if not exists (select from pg_catalog.pg_roles where rolname = role_name) then
      execute format('create role %I nologin', role_name);
    end if;
  end loop;
  alter role service_role bypassrls;
  grant anon, authenticated, service_role to authenticator;
end $$;

grant usage on schema public to anon, authenticated, service_role;

create schema if not exists auth;
create schema if not exists extensions;
create schema if not exists realtime;
grant usage on schema auth, extensions, realtime to anon, authenticated, service_role;

-- @supabase/lite brings its own auth functions; both read the claims of the request.
do $$
begin
  if to_regprocedure('auth.uid()') is null then
    create function auth.uid() returns uuid language sql stable set search_path = '' as
      $f$ select coalesce(
            nullif(current_setting('request.jwt.claim.sub', true), ''),
            nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub')::uuid $f$;
  end if;
  if to_regprocedure('auth.jwt()') is null then
    create function auth.jwt() returns jsonb language sql stable set search_path = '' as
      $f$ select coalesce(nullif(current_setting('request.jwt.claims', true), ''), '{}')::jsonb $f$;
  end if;
end $$;

create table if not exists realtime.messages (
  id uuid primary key default gen_random_uuid(),
  topic text not null,
  extension text not null,
  payload jsonb,
  event text,
  private boolean default false,
  inserted_at timestamp not null default now(),
  updated_at timestamp not null default now()
);
alter table realtime.messages enable row level security;
grant select, insert on realtime.messages to anon, authenticated;
grant select, insert, delete on realtime.messages to service_role;

-- The channel that a policy on realtime.messages is asked about.
create or replace function realtime.topic() returns text language sql stable set search_path = '' as
  $$ select nullif(current_setting('realtime.topic', true), '') $$;

-- As Supabase's own: a message is stored and announced, and a failure never reaches the caller.
create or replace function realtime.send(
  payload jsonb, event text, topic text, private boolean default true
) returns void language plpgsql set search_path = '' as $$
declare
  message_id uuid := gen_random_uuid();
begin
  insert into realtime.messages (id, topic, extension, payload, event, private)
  values (message_id, topic, 'broadcast', payload, event, private);
  -- Messages are not an archive: Supabase drops them after three days, here an hour is plenty.
  delete from realtime.messages where inserted_at < now() - interval '1 hour';
  perform pg_notify('realtime_messages', message_id::text);
exception when others then
  raise warning 'realtime.send: %', sqlerrm;
end $$;
