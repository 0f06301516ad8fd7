import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { either as E } from 'fp-ts';
import { type Config, readConfig } from '../config.ts';
import { DEMO_STORE_ID } from '../embedded/database/demoStore.ts';
import { loadSecrets } from '../embedded/secrets.ts';
import { type AdminApi, adminApi } from '../production/adminApi.ts';
import { runningStack } from './destination.ts';
import { DATA_DIR, Misconfigured } from './settings.ts';

/** The database that an operator's command works on. */
export interface Administration extends AdminApi {
  /** The store that is meant where none is named. */
  readonly storeId?: string;
  /** With which the store's gateway hashes addresses. */
  readonly phoneHashSecret?: string;
  readonly close: () => Promise<void>;
}

/** Settings of an operator's command: it uploads nothing, so a gateway's own keys may be missing. */
export const adminConfig = (): Config => {
  const config = readConfig({ ...process.env, ENABLE_UPLOAD: 'false' });
  if (E.isLeft(config)) throw new Misconfigured(config.left);
  return config.right;
};

const secretKey = (): string => {
  const key = process.env['SUPABASE_SECRET_KEY'] || process.env['SUPABASE_SERVICE_ROLE_KEY'];
  if (key) return key;
  throw new Misconfigured([
    'SUPABASE_SECRET_KEY: needed with SUPABASE_URL: a secret (service) key, Supabase dashboard → ' +
      'API keys. Give it in the environment of this one command; a gateway must not have it',
  ]);
};

const projectAt = (url: string, config: Config): Administration => ({
  ...adminApi(url, secretKey()),
  ...(config.STORE_ID !== undefined && { storeId: config.STORE_ID }),
  ...(config.PHONE_HASH_SECRET !== undefined && { phoneHashSecret: config.PHONE_HASH_SECRET }),
  close: async () => {},
});

const embeddedAt = async (url: string, close: Administration['close']): Promise<Administration> => {
  const secrets = await loadSecrets(DATA_DIR);
  return {
    ...adminApi(url, secrets.secretKey),
    storeId: DEMO_STORE_ID,
    phoneHashSecret: secrets.phoneHashSecret,
    close,
  };
};

/**
 * The project that SUPABASE_URL names; else the embedded database, of the pipeline that runs here
 * or opened for the purpose; undefined where there is neither.
 */
export const findAdministration = async (
  config: Config,
  onProgress: (step: string) => void,
): Promise<Administration | undefined> => {
  if (config.SUPABASE_URL !== undefined) return projectAt(config.SUPABASE_URL, config);
  const running = await runningStack(config);
  if (running) return embeddedAt(running.access.url, async () => {});
  if (!existsSync(join(DATA_DIR, 'db'))) return undefined;
  // Here, not above: the commands that find another database start sooner without it.
  const { startSupabaseStack } = await import('../embedded/supabaseStack.ts');
  const { url, close } = await startSupabaseStack({ dataDir: DATA_DIR, port: 0, onProgress });
  return embeddedAt(url, close);
};

/** As {@link findAdministration}. @throws Misconfigured where there is no database at all */
export const openAdministration = async (
  config: Config,
  onProgress: (step: string) => void,
): Promise<Administration> => {
  const found = await findAdministration(config, onProgress);
  if (found) return found;
  throw new Misconfigured([
    `SUPABASE_URL: not given, and there is no embedded database in ${DATA_DIR}/: name a project, ` +
      'or start `npm run pipeline` once',
  ]);
};

/** @throws Misconfigured where no store is named */
export const chosenStore = (named: string | undefined, admin: Administration): string => {
  const store = named ?? admin.storeId;
  if (store !== undefined) return store;
  throw new Misconfigured([
    'STORE_ID: give it, or --store <uuid>: select id, store_name from stores;',
  ]);
};
