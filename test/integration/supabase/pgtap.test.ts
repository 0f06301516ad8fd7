import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pgtap } from '@electric-sql/pglite/pgtap';
import { applyMigrations, onPglite } from '../../../src/embedded/database/migrate.ts';
import { emptyDatabase } from '../../support/emptyDatabase.ts';

const TESTS = 'supabase/tests/database';

it.each(readdirSync(TESTS))(
  '%s passes',
  async (file) => {
    const db = await emptyDatabase({ extensions: { pgtap } });
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
