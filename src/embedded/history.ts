import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { UploadBatch } from '../../supabase/functions/_shared/contract.ts';
import type { PipelineEvent } from '../model/shapes.ts';
import { reasonOf } from '../production/thrown.ts';
import { DEMO_ORG_ID, DEMO_STORE_ID } from './database/demoStore.ts';
import type { LiteDatabase, Query } from './database/liteDatabase.ts';
import { type Place, shopDay } from './shop/pastDay.ts';

const DAY_MS = 86_400_000;
const WEEK = 7;
/** Two weeks, each day after its weekday before: the page compares them. Today comes first. */
const DAYS_AGO = Array.from({ length: WEEK }, (_, day) => [day + WEEK, day]).flat();
const SESSIONS = 40;
/** Small, and with a pause after each: the database works in this process, and others wait for both. */
const BATCH = 100;
const PAUSE_MS = 200;
/** Who was heard less long ago would count as present. */
const GONE_MS = 20 * 60_000;

const isNew = async (query: Query): Promise<boolean> =>
  (await query('select from public.visits where store_id = $1 limit 1', [DEMO_STORE_ID])).length ===
  0;

const placesOf = async (query: Query): Promise<ReadonlyArray<Place>> => {
  const zones = await query(
    `select id, zone_type, position_x::float8 as x, position_z::float8 as y
     from public.zones_dim where store_id = $1 and is_active`,
    [DEMO_STORE_ID],
  );
  return zones.map(({ id, zone_type, x, y }) => ({
    id: String(id),
    type: String(zone_type),
    x: Number(x),
    y: Number(y),
  }));
};

/** Midnight on the store's wall, so many days ago, Unix milliseconds. */
const midnightOf = async (query: Query, daysAgo: number): Promise<number> => {
  const [row] = await query(
    `select extract(epoch from ((now() at time zone time_zone)::date - $2::integer)::timestamp
       at time zone time_zone)::float8 as seconds
     from public.stores where id = $1`,
    [DEMO_STORE_ID, daysAgo],
  );
  return Number(row?.['seconds']) * 1000;
};

function* batchesOf(places: ReadonlyArray<Place>, midnightMs: number, untilMs: number) {
  const seed = Math.floor(midnightMs / DAY_MS);
  const readings = shopDay({ places, midnightMs, sessions: SESSIONS, seed, untilMs });
  for (let at = 0; at < readings.length; at += BATCH)
    yield {
      schema_version: 1,
      batch_id: randomUUID(),
      store_id: DEMO_STORE_ID,
      org_id: DEMO_ORG_ID,
      readings: readings.slice(at, at + BATCH),
      dwells: [],
    } satisfies UploadBatch;
}

const ingest = (query: Query, batch: UploadBatch) =>
  query('select public.ingest_neuralsense_batch($1::jsonb)', [JSON.stringify(batch)]);

export interface History {
  /** Resolves when there is no more to store; never rejects. */
  readonly filled: Promise<void>;
  readonly stop: () => Promise<void>;
}

/**
 * Two weeks of visits before now, for a demo store that has none yet: so that a page has something to
 * compare with. Goes on in the background.
 */
export const startHistory = (
  { query }: Pick<LiteDatabase, 'query'>,
  nowMs: number,
  log: (event: PipelineEvent) => void,
): History => {
  let isOver = false;
  const fill = async (): Promise<void> => {
    if (!(await isNew(query))) return;
    const places = await placesOf(query);
    for (const daysAgo of DAYS_AGO) {
      const midnightMs = await midnightOf(query, daysAgo);
      for (const batch of batchesOf(places, midnightMs, nowMs - GONE_MS)) {
        if (isOver) return;
        await ingest(query, batch);
        await sleep(PAUSE_MS);
      }
      log({ level: 'info', event: 'history stored', daysAgo });
    }
  };
  const filled = fill().catch((problem: unknown) =>
    log({ level: 'warn', event: 'history not stored', reason: reasonOf(problem) }),
  );
  const stop = (): Promise<void> => {
    isOver = true;
    return filled;
  };
  return { filled, stop };
};
