import { join } from 'node:path';
import { App } from '@supabase/lite';
import { createPgliteConnection, type PgliteConnection } from '@supabase/lite/pglite';
import type { PipelineEvent } from '../../model/shapes.ts';
import type { Fetch } from '../http/webHandler.ts';
import type { Secrets } from '../secrets.ts';
import { type Applied, applyMigrations, onPglite, type RunScript } from './migrate.ts';
import { quietly } from './quietConsole.ts';

export interface LiteDatabase {
  /** Answers /rest/v1 and /auth/v1. */
  readonly fetch: Fetch;
  /** Runs statements as the owner of everything. */
  readonly run: RunScript;
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

const createApp = (connection: PgliteConnection, { secrets, url }: LiteOptions): App =>
  new App({
    connection,
    api: { enabled: true, schemas: ['public'], max_rows: 1000 },
    auth: {
      enabled: true,
      enable_signup: true,
      site_url: url,
      jwt_secret: secrets.jwtSecret,
      publishable_key: secrets.publishableKey,
      secret_key: secrets.secretKey,
    },
    studio: { enabled: false },
    options: { server: { admin: false, disableStudio: true } },
  });

const prepare = async (connection: PgliteConnection, options: LiteOptions) => {
  const app = createApp(connection, options);
  // Before the migrations: they refer to auth.users.
  await app.ensureSystemSchema();
  const run = onPglite(connection.driver);
  const applied = await applyMigrations(run);
  // PGlite has no autovacuum: without this the planner never learns how the tables have grown.
  await run('analyze;');
  keepOwnGrants(connection);
  return { app, run, applied };
};

/**
 * Postgres (PGlite in `<dataDir>/db`) behind a REST and auth API as Supabase's, migrated and
 * seeded. Only one process may have it open: lock the directory first.
 */
export const openLiteDatabase = async (options: LiteOptions): Promise<LiteDatabase> => {
  const connection = await createPgliteConnection({ url: join(options.dataDir, 'db') });
  try {
    const { app, run, applied } = await quietly(options.log, () => prepare(connection, options));
    return {
      fetch: (request, peerAddress) =>
        quietly(options.log, () => app.fetch(request, { peerAddress })),
      run,
      applied,
      close: () => connection.close(),
    };
  } catch (error) {
    await connection.close();
    throw error;
  }
};
