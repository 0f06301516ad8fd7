import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type SupabaseStack, startSupabaseStack } from '../../../src/embedded/supabaseStack.ts';
import { layDatabase } from '../../support/emptyDatabase.ts';
import { addUser, connect, signIn } from '../../support/signIn.ts';

const OTHER_ORG = '0b7c1c56-2b39-4a57-9d54-6f1f6a3f2a01';
const OTHER_STORE = '0b7c1c56-2b39-4a57-9d54-6f1f6a3f2a02';
const SECOND_STORE = '0b7c1c56-2b39-4a57-9d54-6f1f6a3f2a03';
const PERIOD = { from_ts: '2026-01-01T00:00:00Z', to_ts: '2026-01-02T00:00:00Z' };

/** One stack for all; the cases tell one story, in order. */
describe('users of the embedded stack', () => {
  let dataDir: string;
  let stack: SupabaseStack;
  const boot = () => startSupabaseStack({ dataDir, port: 0 });
  const storesOf = async (client: ReturnType<typeof connect>) =>
    (await client.from('stores').select('id').order('id')).data?.map(({ id }) => id);

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'users-'));
    await layDatabase(dataDir);
    stack = await boot();
    const admin = connect(stack, stack.secretKey);
    await admin.from('organisations').insert({ id: OTHER_ORG, name: 'Others' });
    const stores = [
      { id: OTHER_STORE, org_id: OTHER_ORG, store_name: 'Elsewhere', time_zone: 'UTC' },
      { id: SECOND_STORE, org_id: stack.orgId, store_name: 'Second', time_zone: 'UTC' },
    ];
    expect((await admin.from('stores').insert(stores)).error).toBeNull();
  }, 60_000);
  afterAll(async () => {
    await stack?.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  it('lets the demo user in, to all stores of the demo organisation and no other', async () => {
    const demo = await signIn(stack, stack.demoUser);
    expect(await storesOf(demo)).toEqual([SECOND_STORE, stack.storeId].sort());
    for (const store_id of [stack.storeId, SECOND_STORE]) {
      const { data, error } = await demo.rpc('kpi_overview', { store_id, ...PERIOD });
      expect([data?.[0]?.footfall, error]).toEqual([0, null]);
    }
    const { error } = await demo.rpc('kpi_overview', { store_id: OTHER_STORE, ...PERIOD });
    expect(error?.code).toBe('42501');
  });

  it('shows a member of another organisation that one only', async () => {
    const other = await signIn(stack, await addUser(stack, [OTHER_ORG]));
    expect(await storesOf(other)).toEqual([OTHER_STORE]);
    const { error } = await other.rpc('kpi_overview', { store_id: stack.storeId, ...PERIOD });
    expect(error?.code).toBe('42501');
  });

  it('shows a user who belongs to no organisation nothing', async () => {
    const nobody = await signIn(stack, await addUser(stack, []));
    expect(await storesOf(nobody)).toEqual([]);
    expect((await nobody.from('zones_dim').select('id')).data).toEqual([]);
    expect((await nobody.from('zone_events').select('id')).error?.code).toBe('42501');
  });

  it('shows a member of two organisations the stores of both', async () => {
    const both = await signIn(stack, await addUser(stack, [OTHER_ORG, stack.orgId]));
    expect(await storesOf(both)).toHaveLength(3);
  });

  it('is closed to who would sign up, by password or by mail', async () => {
    const anyone = connect(stack, stack.publishableKey);
    const stranger = { email: 'stranger@example.com', password: 'long enough' };
    expect((await anyone.auth.signUp(stranger)).error?.code).toBe('signup_disabled');
    expect((await anyone.auth.signInWithOtp({ email: stranger.email })).error?.status).toBe(404);
    expect((await anyone.auth.signInAnonymously()).error?.code).toMatch(/disabled/);
    expect((await anyone.auth.signInWithPassword(stranger)).error?.code).toBe(
      'invalid_credentials',
    );
  });

  it('makes users for the secret key alone', async () => {
    const user = { email: 'made@example.com', password: 'long enough' };
    const demo = await signIn(stack, stack.demoUser);
    expect((await demo.auth.admin.createUser(user)).error?.status).toBe(401);
    const admin = connect(stack, stack.secretKey);
    expect((await admin.auth.admin.createUser({ email: user.email })).error?.status).toBe(422);
    expect((await admin.auth.admin.createUser(user)).error).toBeNull();
    expect((await admin.auth.admin.createUser(user)).error?.status).toBe(422);
  });

  it('keeps the demo user’s password to the owner of the directory', async () => {
    const file = join(dataDir, 'demo_user.json');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual(stack.demoUser);
    expect(stack.demoUser.password).toMatch(/^[\w-]{20}$/);
  });

  it('keeps sessions through a restart, until the password is changed', async () => {
    const before = await signIn(stack, stack.demoUser);
    const { data } = await before.auth.getSession();
    const refresh_token = data.session?.refresh_token ?? '';
    await stack.close();
    const changed = { ...stack.demoUser, password: 'another password' };
    const old = stack.demoUser;
    stack = await boot();
    expect(stack.demoUser).toEqual(old);

    const after = connect(stack, stack.publishableKey);
    const { data: kept, error } = await after.auth.refreshSession({ refresh_token });
    expect([kept.user?.email, error]).toEqual([old.email, null]);
    expect(await storesOf(after)).toHaveLength(2);
    await stack.close();
    await writeFile(join(dataDir, 'demo_user.json'), JSON.stringify(changed));
    stack = await boot();
    await signIn(stack, changed);
    await expect(signIn(stack, old)).rejects.toThrow('Invalid login credentials');
    const ended = await connect(stack, stack.publishableKey).auth.refreshSession({
      refresh_token: kept.session?.refresh_token ?? '',
    });
    expect(ended.error).not.toBeNull();
  }, 60_000);
});
