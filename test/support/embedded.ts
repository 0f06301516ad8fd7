import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { PGlite } from '@electric-sql/pglite';
import type { Json } from './outputs.ts';

/** The tables that one run fills. */
export const FILLED_TABLES = [
  'raw_imports',
  'etl_runs',
  'zone_events',
  'zone_dwells',
  'visits',
  'visit_zone_events',
  'funnel_events',
] as const;

/** The three queries of the project's description, as they stand there. */
export const PROMISED_QUERIES = [
  `select count(*) from zone_events where sensor_type = 'wifi' and created_at > now() - interval '1 hour';`,
  `select count(*) from visits where source = 'neuralsense' and created_at > now() - interval '1 hour';`,
  `select * from etl_runs where etl_function = 'process-neuralsense-data' order by started_at desc limit 5;`,
] as const;

/** A REST API, and the key to all of its rows. */
export interface Api {
  readonly url: string;
  readonly secretKey: string;
}

/** What a running pipeline wrote down for other tools. */
export const embeddedEnv = (cwd: string): NodeJS.Dict<string> =>
  parseEnv(readFileSync(join(cwd, '.neuralsense', 'embedded.env'), 'utf8'));

/** The API of the pipeline that runs in `cwd`. */
export const apiOf = (cwd: string): Api => {
  const { SUPABASE_URL: url = '', SUPABASE_SECRET_KEY: secretKey = '' } = embeddedEnv(cwd);
  return { url, secretKey };
};

const PAGE = 1000;

/** All rows of a table, as whoever has the secret key sees them. */
export const restRows = async (
  { url, secretKey }: Api,
  table: string,
): Promise<ReadonlyArray<Json>> => {
  const rows: Json[] = [];
  for (;;) {
    const from = `${url}/rest/v1/${table}?select=*&limit=${PAGE}&offset=${rows.length}`;
    const page = await fetch(from, { headers: { apikey: secretKey } });
    if (!page.ok) throw new Error(`${table}: HTTP ${page.status} ${await page.text()}`);
    const more = (await page.json()) as ReadonlyArray<Json>;
    rows.push(...more);
    if (more.length < PAGE) return rows;
  }
};

/** Looks into the database that a pipeline has left; nothing else may have it open. */
export const inDatabase = async <A>(
  cwd: string,
  look: (query: (sql: string) => Promise<ReadonlyArray<Json>>) => Promise<A>,
): Promise<A> => {
  const db = await PGlite.create(join(cwd, '.neuralsense', 'db'));
  try {
    return await look(async (sql) => (await db.query<Json>(sql)).rows);
  } finally {
    await db.close();
  }
};
