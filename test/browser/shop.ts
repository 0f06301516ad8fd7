import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SupabaseClient } from '@supabase/supabase-js';
import { type Place, shopDay } from '../../src/embedded/shop/pastDay.ts';
import { type SupabaseStack, startSupabaseStack } from '../../src/embedded/supabaseStack.ts';
import { batchOf } from '../support/batches.ts';
import { layDatabase } from '../support/emptyDatabase.ts';
import { connect } from '../support/signIn.ts';

/** Where the page was built to, by freshSite.js. */
export const SITE = fileURLToPath(new URL('../../dashboard/dist/', import.meta.url));
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const EVENING = 18;
const BATCH = 500;

export interface Shop {
  readonly stack: SupabaseStack;
  /** Whoever holds the secret key. */
  readonly admin: SupabaseClient;
  readonly timeZone: string;
  readonly midnightMs: number;
  readonly close: () => Promise<void>;
}

/** A time zone in which it is between six and seven in the evening: the day has something to show. */
const eveningZone = (now: Date) => {
  const offset = ((EVENING - now.getUTCHours() + 36) % 24) - 12;
  const midnightMs =
    Math.floor((now.getTime() + offset * HOUR_MS) / DAY_MS) * DAY_MS - offset * HOUR_MS;
  // In these names, the sign says how far UTC is ahead.
  const timeZone = offset === 0 ? 'Etc/GMT' : `Etc/GMT${offset > 0 ? '-' : '+'}${Math.abs(offset)}`;
  return { timeZone, midnightMs };
};

const placesOf = async (admin: SupabaseClient, storeId: string): Promise<ReadonlyArray<Place>> => {
  const { data, error } = await admin.from('zones_dim').select('*').eq('store_id', storeId);
  if (error) throw error;
  return data.map((zone) => ({
    id: zone.id,
    type: zone.zone_type,
    x: zone.position_x,
    y: zone.position_z,
  }));
};

/** Lets a day's visitors walk through the demo store. */
const fill = async (
  admin: SupabaseClient,
  places: ReadonlyArray<Place>,
  midnightMs: number,
  sessions: number,
): Promise<void> => {
  const seed = Math.floor(midnightMs / DAY_MS);
  const readings = shopDay({ places, midnightMs, sessions, seed, untilMs: Date.now() });
  for (let at = 0; at < readings.length; at += BATCH) {
    const batch = batchOf(readings.slice(at, at + BATCH));
    const { data, error } = await admin.rpc('ingest_neuralsense_batch', { batch });
    if (error ?? data.error) throw new Error(JSON.stringify(error ?? data.error));
  }
};

/** The whole embedded stack with the page, and two days in its shop. */
export const openShop = async (): Promise<Shop> => {
  const dir = await mkdtemp(join(tmpdir(), 'shop-'));
  const dataDir = join(dir, 'data');
  await layDatabase(dataDir);
  const stack = await startSupabaseStack({ dataDir, port: 0, dashboardDir: SITE });
  const admin = connect(stack, stack.secretKey);
  const { timeZone, midnightMs } = eveningZone(new Date());
  await admin.from('stores').update({ time_zone: timeZone }).eq('id', stack.storeId);
  const places = await placesOf(admin, stack.storeId);
  await fill(admin, places, midnightMs - 7 * DAY_MS, 70);
  await fill(admin, places, midnightMs, 80);
  return {
    stack,
    admin,
    timeZone,
    midnightMs,
    close: async () => {
      await stack.close();
      await rm(dir, { recursive: true });
    },
  };
};
