import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeEmbeddedEnv } from '../../../src/embedded/embeddedEnv.ts';
import { loadSecrets } from '../../../src/embedded/secrets.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'private-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const modeOf = async (name: string): Promise<number> => (await stat(join(dir, name))).mode & 0o777;

describe('writeEmbeddedEnv', () => {
  it('replaces the file, for its owner only, leaving no draft behind', async () => {
    await writeFile(join(dir, 'embedded.env'), 'SUPABASE_URL=old\n', { mode: 0o644 });
    await writeEmbeddedEnv(dir, {
      SUPABASE_URL: 'http://127.0.0.1:54321',
      MQTT_URL: 'mqtt://127.0.0.1:1883',
    });
    expect(await readFile(join(dir, 'embedded.env'), 'utf8')).toBe(
      'SUPABASE_URL=http://127.0.0.1:54321\nMQTT_URL=mqtt://127.0.0.1:1883\n',
    );
    expect(await modeOf('embedded.env')).toBe(0o600);
    expect(await readdir(dir)).toEqual(['embedded.env']);
  });
});

describe('loadSecrets', () => {
  it('makes them once, each its own, for the owner only', async () => {
    const secrets = await loadSecrets(dir);
    expect(secrets.publishableKey).toMatch(/^sb_publishable_/);
    expect(secrets.secretKey).toMatch(/^sb_secret_/);
    expect(new Set(Object.values(secrets)).size).toBe(5);
    for (const secret of Object.values(secrets)) expect(secret.length).toBeGreaterThan(30);
    expect(await modeOf('secrets.json')).toBe(0o600);
    expect(await loadSecrets(dir)).toEqual(secrets);
  });

  it.each(['', '{"publishableKey":"sb_publishable_x"}'])(
    'refuses a damaged file and leaves it as it is: %s',
    async (damaged) => {
      const path = join(dir, 'secrets.json');
      await writeFile(path, damaged);
      await expect(loadSecrets(dir)).rejects.toThrow(`${path} cannot be used`);
      expect(await readFile(path, 'utf8')).toBe(damaged);
    },
  );
});
