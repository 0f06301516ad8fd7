import type { PGlite } from '@electric-sql/pglite';
import { DEMO_STORE_ID } from '../../../src/embedded/database/demoStore.ts';
import { hashIngestToken } from '../../../supabase/functions/_shared/ingestToken.ts';
import { migratedDatabase, rowsOf, rpcOn, singleValue } from '../../support/database.ts';

const NOBODYS_STORE = '00000000-0000-4000-8000-00000000dead';
const DAY_MS = 86_400_000;

let db: PGlite;
beforeAll(async () => {
  db = await migratedDatabase();
}, 60_000);
beforeEach(() => db.exec('truncate public.ingest_tokens'));
afterAll(() => db.close());

const call = async (name: string, args: Record<string, unknown>): Promise<unknown> => {
  const { data, error } = await rpcOn(db)(name, args);
  if (error) throw Object.assign(new Error(error.message), error);
  return data;
};

const create = async (
  token: string,
  more: Record<string, unknown> = {},
  store_id = DEMO_STORE_ID,
): Promise<unknown> =>
  call('create_ingest_token', {
    store_id,
    label: 'till',
    token_hash: await hashIngestToken(token),
    ...more,
  });

const rotate = async (token: string, more: Record<string, unknown> = {}): Promise<unknown> =>
  call('rotate_ingest_token', {
    store_id: DEMO_STORE_ID,
    token_hash: await hashIngestToken(token),
    ...more,
  });

const opens = async (token: string): Promise<boolean> =>
  (await call('verify_ingest_token', { token_hash: await hashIngestToken(token) })) !== null;

const listed = (store: string | null = DEMO_STORE_ID) =>
  rowsOf(db, 'select * from list_ingest_tokens($1)', [store]);

const anotherStore = async (): Promise<string> =>
  String(
    await singleValue(
      db,
      `insert into stores (org_id, store_name) select id, 'Another' from organisations returning id`,
    ),
  );

describe('a token', () => {
  it('opens its own store and is kept as a hash only', async () => {
    await create('secret-1');
    expect(
      await call('verify_ingest_token', { token_hash: await hashIngestToken('secret-1') }),
    ).toMatchObject({ store_id: DEMO_STORE_ID });
    expect(await opens('secret-2')).toBe(false);
    expect(await opens('')).toBe(false);
    const stored = JSON.stringify(await rowsOf(db, 'select * from ingest_tokens'));
    expect(stored).toContain(await hashIngestToken('secret-1'));
    expect(stored).not.toContain('secret-1');
  });

  it('stops to open at its expiry', async () => {
    await create('secret-1', { expires_at: new Date(Date.now() + DAY_MS) });
    expect(await opens('secret-1')).toBe(true);
    await db.exec(`update ingest_tokens set expires_at = now() - interval '1 second'`);
    expect(await opens('secret-1')).toBe(false);
    expect(await listed()).toMatchObject([{ is_valid: false, revoked_at: null }]);
  });

  it.each([
    ['a store that is not there', { store_id: NOBODYS_STORE }, 'PT404'],
    ['an empty label', { label: '' }, 'PT422'],
    ['a label of two lines', { label: 'a\nb' }, 'PT422'],
    ['no label', { label: null }, 'PT422'],
    ['a token in place of its hash', { token_hash: 'nsit_secret' }, 'PT422'],
    ['an expiry in the past', { expires_at: new Date(Date.now() - DAY_MS) }, 'PT422'],
  ])('is refused with %s', async (_what, wrong, code) => {
    await expect(create('secret-1', wrong)).rejects.toMatchObject({ code });
    expect(await listed(null)).toEqual([]);
  });
});

describe('rotation', () => {
  it('has two valid at once, under one label, until the old one is revoked', async () => {
    const old = await create('old');
    await rotate('new');
    expect([await opens('old'), await opens('new')]).toEqual([true, true]);
    await call('revoke_ingest_token', { token_id: old });
    expect([await opens('old'), await opens('new')]).toEqual([false, true]);
    expect(await listed()).toMatchObject([
      { label: 'till', is_valid: false },
      { label: 'till', is_valid: true },
    ]);
  });

  it('refuses a third and says which two there are', async () => {
    await create('one');
    await create('two', { label: 'spare' });
    const refusal = { code: 'PT409', message: expect.stringMatching(/"till" and "spare"/) };
    await expect(create('three')).rejects.toMatchObject(refusal);
    await expect(rotate('three')).rejects.toMatchObject(refusal);
    expect(await opens('three')).toBe(false);
    await expect(create('three', {}, await anotherStore())).resolves.toEqual(expect.any(String));
  });

  it('counts neither revoked nor expired ones', async () => {
    await create('one');
    await create('two');
    await db.exec(`update ingest_tokens set revoked_at = now() where created_at =
      (select min(created_at) from ingest_tokens)`);
    await create('three');
    await expect(create('four')).rejects.toMatchObject({ code: 'PT409' });
    await db.exec(`update ingest_tokens set expires_at = now() where revoked_at is null`);
    await create('four');
    expect(await opens('four')).toBe(true);
  });

  it('can give the old one an end, but never a later one than it had', async () => {
    const soon = new Date(Date.now() + DAY_MS);
    await create('old', { expires_at: soon });
    await rotate('new', { old_expires_at: new Date(Date.now() + 9 * DAY_MS) });
    expect(await listed()).toMatchObject([{ expires_at: soon }, { expires_at: null }]);
  });

  it('needs a token to begin with', async () => {
    await expect(rotate('new')).rejects.toMatchObject({
      code: 'PT409',
      message: expect.stringMatching(/create one/),
    });
  });
});

describe('revoking', () => {
  it('can be repeated and keeps the first time', async () => {
    const token_id = await create('one');
    await call('revoke_ingest_token', { token_id });
    const first = await listed();
    await call('revoke_ingest_token', { token_id });
    expect(await listed()).toEqual(first);
  });

  it('refuses a token that is not there', async () => {
    await expect(call('revoke_ingest_token', { token_id: NOBODYS_STORE })).rejects.toMatchObject({
      code: 'PT404',
    });
  });
});

describe('the list', () => {
  it('shows all but the hash, of one store or of all', async () => {
    await create('one');
    await create('two', {}, await anotherStore());
    expect(await listed()).toHaveLength(1);
    const all = await listed(null);
    expect(all).toHaveLength(2);
    expect(JSON.stringify(all)).not.toContain(await hashIngestToken('one'));
  });

  it('says when a token was last used, to a quarter of an hour', async () => {
    await create('one');
    expect(await listed()).toMatchObject([{ last_used_at: null }]);
    await opens('one');
    const [used] = await listed();
    expect(used).toMatchObject({ last_used_at: expect.any(Date) });
    await opens('one');
    expect(await listed()).toEqual([used]);
    await db.exec(`update ingest_tokens set last_used_at = now() - interval '16 minutes'`);
    await opens('one');
    expect(
      await singleValue(db, `select last_used_at > now() - interval '1 minute' from ingest_tokens`),
    ).toBe(true);
  });
});
