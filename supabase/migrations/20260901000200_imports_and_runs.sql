-- What came in, by whose token, and what became of it.
set local lock_timeout = '5s';

-- The token itself is shown once and never stored. Two may be valid at once, so that a store's
-- gateway can be given a new one before the old one is revoked.
create table if not exists public.ingest_tokens (
  id uuid primary key default gen_random_uuid(),
  store_id uuid not null references public.stores (id) on delete cascade,
  label text not null,
  token_hash text not null unique check (token_hash ~ '^[0-9a-f]{64}$'),
  created_at timestamptz not null default now(),
  expires_at timestamptz,
  revoked_at timestamptz
);
create index if not exists ingest_tokens_store_id_idx on public.ingest_tokens (store_id);
comment on column public.ingest_tokens.token_hash is 'SHA-256 of the token, hexadecimal';

create table if not exists public.raw_imports (
  id uuid primary key default gen_random_uuid(),
  batch_id uuid not null,
  org_id uuid not null,
  store_id uuid not null references public.stores (id) on delete cascade,
  source text not null,
  payload jsonb not null,
  payload_hash text not null,
  status text not null,
  result jsonb,
  created_at timestamptz not null default now()
);
alter table public.raw_imports
  add column if not exists id uuid,
  add column if not exists batch_id uuid,
  add column if not exists org_id uuid,
  add column if not exists store_id uuid,
  add column if not exists source text,
  add column if not exists payload jsonb,
  add column if not exists payload_hash text,
  add column if not exists status text,
  add column if not exists result jsonb,
  add column if not exists created_at timestamptz;
create unique index if not exists raw_imports_batch_id_key
  on public.raw_imports (batch_id) where source = 'neuralsense';
create index if not exists raw_imports_store_id_idx on public.raw_imports (store_id, created_at);

create table if not exists public.etl_runs (
  id uuid primary key default gen_random_uuid(),
  org_id uuid not null,
  store_id uuid not null references public.stores (id) on delete cascade,
  batch_id uuid not null,
  etl_function text not null,
  status text not null,
  started_at timestamptz not null,
  completed_at timestamptz,
  counters jsonb,
  rejections jsonb,
  error_code text,
  error_message text
);
alter table public.etl_runs
  add column if not exists id uuid,
  add column if not exists org_id uuid,
  add column if not exists store_id uuid,
  add column if not exists batch_id uuid,
  add column if not exists etl_function text,
  add column if not exists status text,
  add column if not exists started_at timestamptz,
  add column if not exists completed_at timestamptz,
  add column if not exists counters jsonb,
  add column if not exists rejections jsonb,
  add column if not exists error_code text,
  add column if not exists error_message text;
create index if not exists etl_runs_function_started_at_idx
  on public.etl_runs (etl_function, started_at desc);
create index if not exists etl_runs_store_id_idx on public.etl_runs (store_id, started_at desc);
