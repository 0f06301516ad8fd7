-- Tokens are made, listed, rotated and revoked by an operator with the service key. A token is made
-- on the operator's machine and only its SHA-256 comes here. No slow hash: that protects passwords
-- that can be guessed, and 32 random bytes cannot; it would only cost time with every upload.
set local lock_timeout = '5s';

alter table public.ingest_tokens add column if not exists last_used_at timestamptz;
comment on column public.ingest_tokens.last_used_at is 'To a quarter of an hour';

create or replace function private.is_valid(token public.ingest_tokens) returns boolean
language sql stable set search_path = ''
as $$
  select token.revoked_at is null and (token.expires_at is null or token.expires_at > now())
$$;

-- Also locks the store's tokens against another change until the transaction ends.
create or replace function private.valid_tokens(store uuid) returns setof public.ingest_tokens
language plpgsql volatile set search_path = ''
as $$
begin
  perform from public.stores s where s.id = store for no key update;
  if not found then
    raise exception using errcode = 'PT404', message = format('there is no store %s', store);
  end if;
  return query
    select token.* from public.ingest_tokens token
    where token.store_id = store and private.is_valid(token)
    order by token.created_at, token.id;
end $$;

-- Two may be valid at once, so that a gateway can change over without a gap; a third would only be
-- a key that nobody remembers.
create or replace function public.create_ingest_token(store_id uuid, label text, token_hash text,
  expires_at timestamptz default null)
returns uuid
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  valid constant text[] := array(
    select v.label from private.valid_tokens(create_ingest_token.store_id) v);
  token_id uuid;
begin
  if cardinality(valid) >= 2 then
    raise exception using errcode = 'PT409', message = format(
      'this store has two valid tokens already ("%s" and "%s"); revoke one before a third is made',
      valid[1], valid[2]);
  end if;
  if coalesce(create_ingest_token.label, '') !~ '^[^[:cntrl:]]{1,100}$' then
    raise exception using errcode = 'PT422', message = 'a label has 1 to 100 characters in one line';
  end if;
  if private.as_hash(create_ingest_token.token_hash) is null then
    raise exception using errcode = 'PT422',
      message = 'token_hash must be a SHA-256: 64 hexadecimal digits';
  end if;
  if create_ingest_token.expires_at <= now() then
    raise exception using errcode = 'PT422', message = 'this token would be expired from the start';
  end if;
  insert into public.ingest_tokens (store_id, label, token_hash, expires_at)
  values (create_ingest_token.store_id, create_ingest_token.label, create_ingest_token.token_hash,
    create_ingest_token.expires_at)
  returning id into token_id;
  return token_id;
end $$;

-- A second token beside the one that is valid, under the same label. The old one stays valid until
-- it is revoked, or until old_expires_at.
create or replace function public.rotate_ingest_token(store_id uuid, token_hash text,
  old_expires_at timestamptz default null)
returns uuid
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  old public.ingest_tokens;
  token_id uuid;
begin
  select v.* into old from private.valid_tokens(rotate_ingest_token.store_id) v limit 1;
  if old.id is null then
    raise exception using errcode = 'PT409',
      message = 'this store has no valid token to rotate; create one';
  end if;
  token_id := public.create_ingest_token(rotate_ingest_token.store_id, old.label,
    rotate_ingest_token.token_hash);
  update public.ingest_tokens token
  set expires_at = least(token.expires_at, rotate_ingest_token.old_expires_at)
  where token.id = old.id;
  return token_id;
end $$;

-- Safe to repeat: the first revocation's time stays.
create or replace function public.revoke_ingest_token(token_id uuid) returns void
language plpgsql volatile security invoker set search_path = ''
as $$
begin
  update public.ingest_tokens token set revoked_at = coalesce(token.revoked_at, now())
  where token.id = revoke_ingest_token.token_id;
  if not found then
    raise exception using errcode = 'PT404',
      message = format('there is no token %s', revoke_ingest_token.token_id);
  end if;
end $$;

-- Everything about tokens but the hash; of one store, or of all.
create or replace function public.list_ingest_tokens(store_id uuid default null)
returns table (token_id uuid, of_store uuid, label text, created_at timestamptz,
  last_used_at timestamptz, expires_at timestamptz, revoked_at timestamptz, is_valid boolean)
language sql stable security invoker set search_path = ''
as $$
  select token.id, token.store_id, token.label, token.created_at, token.last_used_at,
    token.expires_at, token.revoked_at, private.is_valid(token)
  from public.ingest_tokens token
  where list_ingest_tokens.store_id is null or token.store_id = list_ingest_tokens.store_id
  order by token.store_id, token.created_at, token.id
$$;

-- As before, and it remembers when a token was last used: an old token may be revoked once nobody
-- uses it. One write in a quarter of an hour, so that an upload does not pay for it.
create or replace function public.verify_ingest_token(token_hash text) returns jsonb
language sql volatile security invoker set search_path = ''
as $$
  update public.ingest_tokens token set last_used_at = now()
  where token.token_hash = verify_ingest_token.token_hash and private.is_valid(token)
    and (token.last_used_at is null or token.last_used_at < now() - interval '15 minutes');

  select jsonb_build_object('store_id', store.id, 'org_id', store.org_id)
  from public.ingest_tokens token join public.stores store on store.id = token.store_id
  where token.token_hash = verify_ingest_token.token_hash and private.is_valid(token)
$$;

revoke all on function private.is_valid(public.ingest_tokens), private.valid_tokens(uuid),
  public.create_ingest_token(uuid, text, text, timestamptz),
  public.rotate_ingest_token(uuid, text, timestamptz),
  public.revoke_ingest_token(uuid), public.list_ingest_tokens(uuid)
  from public, anon, authenticated;
grant execute on function private.is_valid(public.ingest_tokens), private.valid_tokens(uuid),
  public.create_ingest_token(uuid, text, text, timestamptz),
  public.rotate_ingest_token(uuid, text, timestamptz),
  public.revoke_ingest_token(uuid), public.list_ingest_tokens(uuid)
  to service_role;
