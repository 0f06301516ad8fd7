import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Runs one or more statements; answers with the rows of the last one. */
export type RunScript = (script: string) => Promise<ReadonlyArray<Record<string, unknown>>>;

/** What this start had to do; both are empty on a warm start. */
export interface Applied {
  readonly migrations: ReadonlyArray<string>;
  readonly seeds: ReadonlyArray<string>;
}

interface Executor {
  readonly exec: (
    script: string,
  ) => Promise<ReadonlyArray<{ readonly rows: ReadonlyArray<Record<string, unknown>> }>>;
}

const SUPABASE = fileURLToPath(new URL('../../../supabase/', import.meta.url));
const BOOTSTRAP = fileURLToPath(new URL('./bootstrap.sql', import.meta.url));

/** The same tables in which the Supabase CLI keeps its history. */
const HISTORY = `
  create schema if not exists supabase_migrations;
  create table if not exists supabase_migrations.schema_migrations
    (version text primary key, statements text[], name text);
  create table if not exists supabase_migrations.seed_files
    (path text primary key, hash text not null);`;

const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** PGlite as a {@link RunScript}. */
export const onPglite =
  (db: Executor): RunScript =>
  async (script) =>
    (await db.exec(script)).at(-1)?.rows ?? [];

const inOneTransaction = async (run: RunScript, name: string, script: string): Promise<void> => {
  try {
    await run(`begin;\n${script}\ncommit;`);
  } catch (cause) {
    await run('rollback;');
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`${name}: ${reason}`, { cause });
  }
};

const migrate = async (run: RunScript, directory: string): Promise<ReadonlyArray<string>> => {
  const rows = await run('select version from supabase_migrations.schema_migrations;');
  const done = new Set(rows.map(({ version }) => version));
  const files = (await readdir(directory)).filter((file) => /^\d{14}_\w+\.sql$/.test(file)).sort();
  const missing = files.filter((file) => !done.has(file.slice(0, 14)));
  for (const file of missing) {
    const script = await readFile(join(directory, file), 'utf8');
    const row = `${literal(file.slice(0, 14))}, ${literal(file.slice(15, -4))}`;
    await inOneTransaction(
      run,
      file,
      `${script};\ninsert into supabase_migrations.schema_migrations (version, name) values (${row});`,
    );
  }
  return missing;
};

const seed = async (run: RunScript, file: string): Promise<ReadonlyArray<string>> => {
  const script = await readFile(file, 'utf8');
  const hash = createHash('sha256').update(script).digest('hex');
  const known = await run(
    `select 1 from supabase_migrations.seed_files where hash = ${literal(hash)};`,
  );
  if (known.length > 0) return [];
  await inOneTransaction(
    run,
    'seed.sql',
    `${script};\ninsert into supabase_migrations.seed_files values ('supabase/seed.sql', ${literal(hash)})
     on conflict (path) do update set hash = excluded.hash;`,
  );
  return ['seed.sql'];
};

/**
 * Brings a plain Postgres to the state of a migrated Supabase project: what Supabase itself would
 * have brought (bootstrap.sql), then each migration once, in order, then the seed if it changed.
 * Stops at the first failure, with the file's name; what came before stays applied.
 *
 * @example await applyMigrations(onPglite(connection.driver))
 */
export const applyMigrations = async (run: RunScript, directory = SUPABASE): Promise<Applied> => {
  await inOneTransaction(run, 'bootstrap.sql', await readFile(BOOTSTRAP, 'utf8'));
  await run(HISTORY);
  const migrations = await migrate(run, join(directory, 'migrations'));
  return { migrations, seeds: await seed(run, join(directory, 'seed.sql')) };
};
