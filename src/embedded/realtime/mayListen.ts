import type { LiteDatabase } from '../database/liteDatabase.ts';
import type { Claims } from './claims.ts';

/**
 * Whether row level security on realtime.messages lets somebody hear a private topic. Asked as
 * Supabase's server asks: could they, with their role and claims, read a message of that topic? The
 * message is put there for the question only.
 */
export const mayListen = (
  { tryOut }: Pick<LiteDatabase, 'tryOut'>,
  { role, sub }: Claims,
  topic: string,
): Promise<boolean> =>
  tryOut(async (query) => {
    await query(
      `insert into realtime.messages (topic, extension, event, payload, private)
       values ($1, 'broadcast', 'question', '{}', true)`,
      [topic],
    );
    await query(
      `select set_config('realtime.topic', $1, true), set_config('request.jwt.claims', $2, true),
         set_config('request.jwt.claim.sub', $3, true), set_config('role', $4, true)`,
      [topic, JSON.stringify({ role, ...(sub && { sub }) }), sub, role],
    );
    const readable = await query(
      `select from realtime.messages where topic = $1 and extension = 'broadcast' limit 1`,
      [topic],
    );
    return readable.length > 0;
  });
