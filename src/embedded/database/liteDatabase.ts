import { join } from 'node:path';
import { App } from '@supabase/lite';
import { createPgliteConnection, type PgliteConnection } from '@supabase/lite/pglite';
import type { PipelineEvent } from '../../model/shapes.ts';
import { type OneAtATime, oneAtATime } from '../../production/oneAtATime.ts';
import type { Fetch } from '../http/webHandler.ts';
import type { Secrets } from '../secrets.ts';
import { type Applied, applyMigrations, onPglite, type RunScript } from './migrate.ts';
import { quietly } from './quietConsole.ts';

/** Runs one statement; answers with its rows. */
export type Query = (
  sql: string,
  values?: ReadonlyArray<unknown>,
) => Promise<ReadonlyArray<Record<string, unknown>>>;

export interface LiteDatabase {
  /** Answers /rest/v1 and /auth/v1; nobody can sign up. */
  readonly fetch: Fetch;
  /** Answers /auth/v1/signup, for users that this process makes: never to be served. */
  readonly register: Fetch;
  /** Runs statements as the owner of everything. */
  readonly run: RunScript;
  readonly query: Query;
  /** Runs statements as the owner of everything in a transaction that leaves nothing behind. */
  readonly tryOut: <A>(work: (query: Query) => Promise<A>) => Promise<A>;
  /** Calls back with the payload of every notification on `channel`, until it is undone. */
  readonly listen: (channel: string, onNotify: (payload: string) => void) => Promise<() => void>;
  readonly applied: Applied;
  readonly close: () => Promise<void>;
}

export interface LiteOptions {
  readonly dataDir: string;
  readonly secrets: Secrets;
  /** The origin at which it will be reached. */
  readonly url: string;
  readonly log: (event: PipelineEvent) => void;
}

/**
 * Tells lite that roles and grants are in order. Left alone, it grants every table to anon with the
 * first request that meets row-level security, and so undoes the grants of the migrations.
 * The field is private: if a new version has it no more, this refuses to go on.
 */
export const keepOwnGrants = (connection: object): void => {
  const state: unknown = Reflect.get(connection, 'rlsState');
  if (state !== 'unknown' && state !== 'active')
    throw new Error(
      '@supabase/lite has changed: its connection has no rlsState any more, so the grants of the ' +
        'migrations would not hold. Use the version that package-lock.json names.',
    );
  Reflect.set(connection, 'rlsState', 'active');
};

const createApp = (
  connection: PgliteConnection,
  { secrets, url }: LiteOptions,
  enable_signup: boolean,
): App =>
  new App({
    connection,
    api: { enabled: true, schemas: ['public'], max_rows: 1000 },
    auth: {
      enabled: true,
      enable_signup,
      site_url: url,
      jwt_secret: secrets.jwtSecret,
      publishable_key: secrets.publishableKey,
      secret_key: secrets.secretKey,
    },
    studio: { enabled: false },
    options: { server: { admin: false, disableStudio: true } },
  });

const prepare = async (connection: PgliteConnection, options: LiteOptions) => {
  const app = createApp(connection, options, false);
  // Before the migrations: they refer to auth.users.
  await app.ensureSystemSchema();
  const run = onPglite(connection.driver);
  const applied = await applyMigrations(run);
  // PGlite has no autovacuum: without this the planner never learns how the tables have grown.
  await run('analyze;');
  keepOwnGrants(connection);
  return { app, applied };
};

/**
 * lite begins and ends a request's transaction, and with it the request's role, on the one
 * connection that all requests share: two at once would run as whoever came last.
 */
const serve =
  (app: App, { log }: LiteOptions, alone: OneAtATime): Fetch =>
  async (request, peerAddress) => {
    // Before its turn: who sends slowly keeps nobody waiting.
    const body = request.body === null ? undefined : await request.arrayBuffer();
    const whole = body === undefined ? request : new Request(request, { body });
    return alone(() => quietly(log, async () => app.fetch(whole, { peerAddress })));
  };

const asQuery =
  (db: Pick<PgliteConnection['driver'], 'query'>): Query =>
  async (sql, values = []) =>
    (await db.query<Record<string, unknown>>(sql, [...values])).rows;

const onConnection = (
  { driver }: PgliteConnection,
  alone: OneAtATime,
): Pick<LiteDatabase, 'run' | 'query' | 'tryOut' | 'listen'> => {
  const [run, query] = [onPglite(driver), asQuery(driver)];
  return {
    run: (script) => alone(() => run(script)),
    query: (sql, values) => alone(() => query(sql, values)),
    tryOut: (work) =>
      alone(() =>
        driver.transaction(async (tx) => {
          const result = await work(asQuery(tx));
          await tx.rollback();
          return result;
        }),
      ),
    listen: async (channel, onNotify) => {
      const unlisten = await alone(() => driver.listen(channel, onNotify));
      return () => void alone(() => unlisten()).catch(() => undefined);
    },
  };
};

/**
 * Postgres (PGlite in `<dataDir>/db`) behind a REST and auth API as Supabase's, migrated and
 * seeded. It has one connection, so everything waits its turn. Only one process may have it open:
 * lock the directory first.
 */
export const openLiteDatabase = async (options: LiteOptions): Promise<LiteDatabase> => {
  const connection = await createPgliteConnection({ url: join(options.dataDir, 'db') });
  try {
    const { app, applied } = await quietly(options.log, () => prepare(connection, options));
    const alone = oneAtATime();
    return {
      fetch: serve(app, options, alone),
      register: serve(createApp(connection, options, true), options, alone),
      ...onConnection(connection, alone),
      applied,
      close: () => alone(() => connection.close()),
    };
  } catch (error) {
    await connection.close();
    throw error;
  }
};
