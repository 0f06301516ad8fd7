import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { cp, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { PGlite, type PGliteOptions } from '@electric-sql/pglite';
import { inRepository } from './cli.ts';

// Optimising Postgres' code costs seconds in each process, which a test does not live to get back.
setFlagsFromString('--liftoff-only');

const { version } = JSON.parse(
  readFileSync(inRepository('node_modules/@electric-sql/pglite/package.json'), 'utf8'),
);
const KEPT = inRepository(`node_modules/.cache/neuralsense/initdb-${version}`);

/**
 * A directory with what Postgres' initdb makes, as files and as an archive. That knows nothing of
 * this project and takes several times as long as all migrations, so it is made once for all tests.
 */
const madeByInitdb = async (): Promise<string> => {
  if (existsSync(KEPT)) return KEPT;
  const own = `${KEPT}.${randomUUID()}`;
  await mkdir(own, { recursive: true });
  const db = await PGlite.create(join(own, 'files'));
  const archive = await db.dumpDataDir('none');
  await db.close();
  await writeFile(join(own, 'archive.tar'), new Uint8Array(await archive.arrayBuffer()));
  // Another process may have been at it, too, and may have been faster.
  await rename(own, KEPT).catch(() => rm(own, { recursive: true }));
  return KEPT;
};

/** A real Postgres in this process's memory that holds nothing yet. */
export const emptyDatabase = async (options: PGliteOptions = {}): Promise<PGlite> => {
  const archive = await readFile(join(await madeByInitdb(), 'archive.tar'));
  return PGlite.create({ ...options, loadDataDir: new Blob([archive]) });
};

/** Does initdb's work for the embedded Supabase that will start in `dataDir`; the rest is its own. */
export const layDatabase = async (dataDir: string): Promise<void> =>
  cp(join(await madeByInitdb(), 'files'), join(dataDir, 'db'), { recursive: true });
