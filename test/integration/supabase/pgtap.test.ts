import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { applyMigrations, onPglite } from '../../../src/embedded/database/migrate.ts';

const TESTS = 'supabase/tests/database';

/** pgTAP comes with the PGlite that @supabase/lite itself runs on. */
const databaseWithPgtap = async () => {
  const lite = createRequire(resolve('node_modules/@supabase/lite/dist/index.js'));
  const dist = dirname(lite.resolve('@electric-sql/pglite'));
  const { PGlite } = await import(pathToFileURL(join(dist, 'index.js')).href);
  const { pgtap } = await import(pathToFileURL(join(dist, 'pgtap/index.js')).href);
  return new PGlite({ extensions: { pgtap } });
};

it.each(readdirSync(TESTS))(
  '%s passes',
  async (file) => {
    const db = await databaseWithPgtap();
    await applyMigrations(onPglite(db));
    const results: ReadonlyArray<{ rows: ReadonlyArray<Record<string, unknown>> }> = await db.exec(
      readFileSync(join(TESTS, file), 'utf8'),
    );
    const lines = results.flatMap(({ rows }) => rows.flatMap((row) => Object.values(row)));
    const tap = lines.filter((line): line is string => typeof line === 'string');
    expect(tap.filter((line) => !/^(ok|1\.\.)/.test(line))).toEqual([]);
    expect(tap.filter((line) => line.startsWith('ok')).length).toBe(
      Number(/^1\.\.(\d+)$/.exec(tap[0] ?? '')?.[1]),
    );
    await db.close();
  },
  60_000,
);
