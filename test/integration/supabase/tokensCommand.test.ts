import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeEmbeddedEnv } from '../../../src/embedded/embeddedEnv.ts';
import { type SupabaseStack, startSupabaseStack } from '../../../src/embedded/supabaseStack.ts';
import { INGEST_TOKEN_HEADER } from '../../../supabase/functions/_shared/contract.ts';
import { runCli } from '../../support/cli.ts';
import { layDatabase } from '../../support/emptyDatabase.ts';

/** One stack for all; the cases tell one story, in order: the operator's. */
describe('the commands of an operator', () => {
  let cwd: string;
  let stack: SupabaseStack;
  const made: Record<string, { id: string; token: string }> = {};

  beforeAll(async () => {
    cwd = await mkdtemp(join(tmpdir(), 'operator-'));
    const dataDir = join(cwd, '.neuralsense');
    await layDatabase(dataDir);
    stack = await startSupabaseStack({ dataDir, port: 0 });
    await writeEmbeddedEnv(dataDir, { SUPABASE_URL: stack.url });
  }, 120_000);
  afterAll(async () => {
    await stack.close();
    await rm(cwd, { recursive: true, force: true });
  });

  const project = () => ({
    SUPABASE_URL: stack.url,
    SUPABASE_SECRET_KEY: stack.secretKey,
    STORE_ID: stack.storeId,
  });
  const token = (args: ReadonlyArray<string>, settings: Readonly<Record<string, string>> = {}) =>
    runCli(cwd, ['token', ...args], settings);
  const keep = (name: string, said: string): void => {
    const [, id = ''] = /Token ([0-9a-f-]{36})/.exec(said) ?? [];
    const [, secret = ''] = /^INGEST_TOKEN=(nsit_[\w-]{43})$/m.exec(said) ?? [];
    made[name] = { id, token: secret };
  };
  const statusWith = async (secret = ''): Promise<number> =>
    (
      await fetch(`${stack.url}/functions/v1/process-neuralsense-data`, {
        headers: { [INGEST_TOKEN_HEADER]: secret },
      })
    ).status;

  it('a token is made in the embedded stack that runs here, and opens the function', async () => {
    const { code, said } = await token(['create', '--label', 'till 1']);
    expect({ code, said }).toMatchObject({ code: 0 });
    keep('till 1', said);
    expect(await statusWith(made['till 1']?.token)).toBe(200);
  }, 60_000);

  it('a third is refused: the pipeline has one itself', async () => {
    const third = await token(['create', '--label', 'till 2'], project());
    expect(third).toMatchObject({
      code: 1,
      said: expect.stringMatching(/two valid tokens already .*"embedded pipeline" and "till 1"/),
    });
    expect(third.said).not.toMatch(/nsit_|\n {4}at /);
  }, 60_000);

  it('revoked, it opens nothing', async () => {
    expect(await token(['revoke', made['till 1']?.id ?? ''], project())).toMatchObject({ code: 0 });
    expect(await statusWith(made['till 1']?.token)).toBe(401);
    expect(await statusWith(stack.ingestToken)).toBe(200);
  }, 60_000);

  it('rotation adds one in a project that the environment names', async () => {
    const end = '2099-01-01T00:00:00Z';
    const { code, said } = await token(['rotate', '--old-expires', end], project());
    expect({ code, said }).toMatchObject({ code: 0 });
    keep('new', said);
    expect(await statusWith(made['new']?.token)).toBe(200);
    expect(await statusWith(stack.ingestToken)).toBe(200);
  }, 60_000);

  it('the list tells all but the secrets', async () => {
    const { code, said } = await token(['list'], project());
    expect(code).toBe(0);
    expect(said).toContain(`store ${stack.storeId}`);
    expect(said).toMatch(new RegExp(`${made['till 1']?.id}  revoked .* used .* till 1`));
    expect(said).toMatch(/valid until 2099-01-01 00:00Z .* embedded pipeline/);
    expect(said).toMatch(new RegExp(`${made['new']?.id}  valid  `));
    for (const secret of [stack.ingestToken, stack.secretKey, 'nsit_', 'token_hash'])
      expect(said).not.toContain(secret);
  }, 60_000);

  it('the secret key is kept nowhere', async () => {
    expect(await readFile(join(cwd, '.neuralsense', 'embedded.env'), 'utf8')).not.toContain(
      stack.secretKey,
    );
  });

  it.each([
    ['without a secret key', { SUPABASE_SECRET_KEY: '' }, /SUPABASE_SECRET_KEY: needed/],
    ['with a publishable key', { SUPABASE_SECRET_KEY: 'publishable' }, /refused the key/],
    ['where nobody answers', { SUPABASE_URL: 'http://127.0.0.1:9' }, /cannot be reached/],
    ['without a store', { STORE_ID: '' }, /STORE_ID: give it, or --store/],
  ])(
    '%s it says what is wrong',
    async (_what, settings, words) => {
      const given = { ...project(), ...settings };
      if (given.SUPABASE_SECRET_KEY === 'publishable')
        given.SUPABASE_SECRET_KEY = stack.publishableKey;
      const { code, said } = await token(['rotate'], given);
      expect({ code, said }).toEqual({ code: 1, said: expect.stringMatching(words) });
      expect(said).not.toMatch(/nsit_|\n {4}at /);
    },
    60_000,
  );

  it('prune goes through every store', async () => {
    const { code, said } = await runCli(cwd, ['prune'], project());
    expect({ code, said }).toEqual({
      code: 0,
      said: expect.stringMatching(/Demo store: 0 raw imports, 0 zone events and 0 dwells removed/),
    });
  }, 60_000);
});

it('without any database the commands say so', async () => {
  const cwd = await mkdtemp(join(tmpdir(), 'operator-'));
  for (const command of [['token', 'list'], ['prune']])
    expect(await runCli(cwd, command)).toEqual({
      code: 1,
      said: expect.stringMatching(/SUPABASE_URL: not given, and there is no embedded database/),
    });
  await rm(cwd, { recursive: true, force: true });
}, 60_000);
