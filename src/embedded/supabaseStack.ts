import { chmod, mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { PipelineEvent } from '../model/shapes.ts';
import { Closers } from '../production/closers.ts';
import { lockDirectory } from '../production/instanceLock.ts';
import { adminUsers } from './auth/adminUsers.ts';
import { ensureDemoUser, loadDemoUser } from './auth/demoUser.ts';
import { guardSignIn } from './auth/guardSignIn.ts';
import { type Credentials, type Users, usersOf } from './auth/users.ts';
import { DEMO_ORG_ID, DEMO_STORE_ID } from './database/demoStore.ts';
import { registerIngestToken } from './database/ingestToken.ts';
import { type LiteDatabase, openLiteDatabase } from './database/liteDatabase.ts';
import { type EdgeFunction, startEdgeFunction } from './deno/edgeFunction.ts';
import { startHistory } from './history.ts';
import { forward } from './http/forward.ts';
import { LOOPBACK } from './http/listen.ts';
import { type Origin, startOrigin } from './http/origin.ts';
import { serveDashboard } from './http/serveDashboard.ts';
import { webHandler } from './http/webHandler.ts';
import { startRelay } from './realtime/relay.ts';
import { loadSecrets, type Secrets } from './secrets.ts';

const FUNCTIONS = fileURLToPath(new URL('../../supabase/functions/', import.meta.url));
const DASHBOARD = fileURLToPath(new URL('../../dashboard/dist/', import.meta.url));
const FUNCTION = 'process-neuralsense-data';
/** Of auth what a signed-in user needs: what would send mail has no mail to send here. */
const SERVED = [
  '/rest/v1',
  ...['signup', 'user', 'logout', 'settings', 'health'].map((path) => `/auth/v1/${path}`),
];

export interface SupabaseStackOptions {
  /** Holds the database and its secrets from one start to the next. */
  readonly dataDir: string;
  /** Preferred; the next free one is taken if it is in use. 0 takes a free one. */
  readonly port: number;
  /** The address to listen on: 127.0.0.1 where not given, 0.0.0.0 for all of this machine's. */
  readonly host?: string;
  /** The built page; the project's own where not given. */
  readonly dashboardDir?: string;
  /** Gives a demo store that has no visits yet two made-up weeks of them. */
  readonly withHistory?: boolean;
  /** What it is about to do, in a few words, for who waits for it. */
  readonly onProgress?: (step: string) => void;
  readonly log?: (event: PipelineEvent) => void;
}

export interface SupabaseStack {
  readonly url: string;
  readonly publishableKey: string;
  readonly secretKey: string;
  readonly ingestToken: string;
  readonly phoneHashSecret: string;
  readonly storeId: string;
  readonly orgId: string;
  /** May look at the demo store. */
  readonly demoUser: Credentials;
  /** Deno's process id; undefined while the function is being restarted. */
  readonly functionPid: () => number | undefined;
  readonly close: () => Promise<void>;
}

type Settled = Required<SupabaseStackOptions>;
type Undo = (close: () => Promise<void>) => void;

const openDatabase = async (
  { dataDir, onProgress, log }: Settled,
  secrets: Secrets,
  url: string,
): Promise<LiteDatabase> => {
  onProgress('opening the database (the first time takes a few seconds)');
  const database = await openLiteDatabase({ dataDir, secrets, url, log });
  for (const file of [...database.applied.migrations, ...database.applied.seeds])
    log({ level: 'debug', event: 'migration applied', file });
  return database;
};

const startFunction = (
  { dataDir, onProgress, log }: Settled,
  secrets: Secrets,
  url: string,
): Promise<EdgeFunction> => {
  onProgress(`starting the function ${FUNCTION} in Deno`);
  return startEdgeFunction({
    entry: join(FUNCTIONS, FUNCTION, 'index.ts'),
    env: {
      SUPABASE_URL: url,
      SUPABASE_PUBLISHABLE_KEY: secrets.publishableKey,
      SUPABASE_SECRET_KEY: secrets.secretKey,
    },
    mayCall: new URL(url).host,
    cacheDir: join(dataDir, 'deno'),
    log,
  });
};

interface Parts {
  readonly database: LiteDatabase;
  readonly edge: EdgeFunction;
  readonly users: Users;
}

const mountAll = (
  origin: Origin,
  { publishableKey, secretKey }: Secrets,
  { database, edge, users }: Parts,
  dashboardDir: string,
): void => {
  const prefix = '/functions/v1';
  origin.mount(`${prefix}/${FUNCTION}`, forward(prefix, edge.address));
  origin.mount('/auth/v1/admin/users', webHandler(adminUsers(users, secretKey)));
  origin.mount('/auth/v1/token', webHandler(guardSignIn(database.fetch)));
  // Nothing else of lite is served: its /_system tells anyone the whole schema.
  for (const api of SERVED) origin.mount(api, webHandler(database.fetch));
  origin.mount('', serveDashboard(dashboardDir, publishableKey));
};

const start = async (options: Settled, undo: Undo): Promise<Omit<SupabaseStack, 'close'>> => {
  const { dataDir, port, host, log } = options;
  await mkdir(dataDir, { recursive: true });
  await chmod(dataDir, 0o700);
  const lock = await lockDirectory(dataDir, 'embedded Supabase');
  undo(lock.release);
  const { jwtSecret, ...shown } = await loadSecrets(dataDir);
  const secrets = { ...shown, jwtSecret };
  const origin = await startOrigin({ port, host, log });
  undo(origin.close);
  const database = await openDatabase(options, secrets, origin.url);
  undo(database.close);
  await registerIngestToken(database.run, DEMO_STORE_ID, secrets.ingestToken);
  const users = usersOf(database, { ...shown, url: origin.url });
  const demoUser = await loadDemoUser(dataDir);
  await ensureDemoUser(database, users, demoUser);
  const edge = await startFunction(options, secrets, origin.url);
  undo(edge.close);
  mountAll(origin, secrets, { database, edge, users }, options.dashboardDir);
  // Once more, to be closed first: requests under way still need what is behind it.
  undo(origin.close);
  const relay = await startRelay({ server: origin.server, database, secrets, log });
  undo(relay.close);
  if (options.withHistory) undo(startHistory(database, Date.now(), log).stop);
  return {
    ...shown,
    url: origin.url,
    storeId: DEMO_STORE_ID,
    orgId: DEMO_ORG_ID,
    demoUser,
    functionPid: edge.pid,
  };
};

/**
 * A Supabase project in this process, for who has none: database, REST, auth, the ingest function
 * and the dashboard behind one origin, kept in `dataDir`. Needs no network and no account.
 * Rejects, leaving nothing behind, if any part cannot start or another process has the directory.
 *
 * @example const stack = await startSupabaseStack({ dataDir: '.neuralsense', port: 54321 });
 */
export const startSupabaseStack = async (options: SupabaseStackOptions): Promise<SupabaseStack> => {
  const closers = new Closers();
  const close = (): Promise<void> => closers.close();
  const settled = {
    onProgress: () => undefined,
    log: () => undefined,
    host: LOOPBACK,
    dashboardDir: DASHBOARD,
    withHistory: false,
    ...options,
    dataDir: resolve(options.dataDir),
  };
  try {
    return { ...(await start(settled, (step) => closers.add(step))), close };
  } catch (error) {
    await close().catch(() => undefined);
    throw error;
  }
};
