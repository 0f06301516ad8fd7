import type { Config } from '../config.ts';
import { DEMO_ORG_ID, DEMO_STORE_ID } from '../embedded/database/demoStore.ts';
import { loadSecrets, type Secrets } from '../embedded/secrets.ts';
import type { Env } from '../model/shapes.ts';
import type { SupabaseAccess } from '../production/supabase.ts';
import { missingForUploads } from '../uploadNeeds.ts';
import { DATA_DIR, Misconfigured, readEmbeddedEnv } from './settings.ts';

/** Where uploads go, and as which store. */
export interface Destination {
  readonly access: SupabaseAccess;
  readonly storeId: string;
  readonly orgId: string;
  readonly phoneHashSecret: string;
  readonly isEmbedded: boolean;
}

/** The Supabase project that the settings name. @throws Misconfigured where they lack what it needs */
const projectOf = (config: Config, url: string): Destination => {
  const missing = missingForUploads(config);
  if (missing.length > 0)
    throw new Misconfigured(missing.map(({ setting, from }) => `${setting}: not given. ${from}`));
  return {
    access: {
      url,
      key: config.SUPABASE_ANON_KEY ?? '',
      ingestToken: config.INGEST_TOKEN ?? '',
      timeoutMs: config.UPLOAD_TIMEOUT_SEC * 1000,
    },
    storeId: config.STORE_ID ?? '',
    orgId: config.ORG_ID ?? '',
    phoneHashSecret: config.PHONE_HASH_SECRET ?? '',
    isEmbedded: false,
  };
};

const embeddedAt = (url: string, secrets: Secrets, config: Config): Destination => ({
  access: {
    url,
    key: secrets.publishableKey,
    ingestToken: secrets.ingestToken,
    timeoutMs: config.UPLOAD_TIMEOUT_SEC * 1000,
  },
  storeId: DEMO_STORE_ID,
  orgId: DEMO_ORG_ID,
  phoneHashSecret: secrets.phoneHashSecret,
  isEmbedded: true,
});

const isUp = (url: string): Promise<boolean> =>
  fetch(`${url}/rest/v1/`, { signal: AbortSignal.timeout(2_000) }).then(
    () => true,
    () => false,
  );

/** The embedded stack of another process, where one runs. */
export const runningStack = async (config: Config): Promise<Destination | undefined> => {
  const { SUPABASE_URL } = readEmbeddedEnv();
  return SUPABASE_URL !== undefined && (await isUp(SUPABASE_URL))
    ? embeddedAt(SUPABASE_URL, await loadSecrets(DATA_DIR), config)
    : undefined;
};

export interface OpenDestination {
  readonly destination: Destination;
  readonly close: () => Promise<void>;
}

/**
 * The project that the settings name, or an embedded stack started for the purpose.
 * @throws Misconfigured where the settings lack what uploads to the project need
 */
export const openDestination = async (
  config: Config,
  log: Env['log'],
  onProgress: (step: string) => void,
  withHistory = false,
): Promise<OpenDestination> => {
  if (config.SUPABASE_URL !== undefined)
    return { destination: projectOf(config, config.SUPABASE_URL), close: async () => {} };
  // Here, not above: with a project of one's own it is never loaded.
  const { startSupabaseStack } = await import('../embedded/supabaseStack.ts');
  const { url, close } = await startSupabaseStack({
    dataDir: DATA_DIR,
    host: config.EMBEDDED_HOST,
    port: config.EMBEDDED_PORT,
    log,
    onProgress,
    withHistory,
  });
  return { destination: embeddedAt(url, await loadSecrets(DATA_DIR), config), close };
};

/**
 * The project that the settings name, the embedded stack of a pipeline that runs here, or one started
 * for the purpose. @throws Misconfigured where the settings lack what uploads to the project need
 */
export const reachDestination = async (
  config: Config,
  log: Env['log'],
  onProgress: (step: string) => void,
): Promise<OpenDestination> => {
  const running = config.SUPABASE_URL === undefined ? await runningStack(config) : undefined;
  return running
    ? { destination: running, close: async () => {} }
    : openDestination(config, log, onProgress);
};
