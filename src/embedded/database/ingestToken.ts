import { hashIngestToken } from '../../../supabase/functions/_shared/ingestToken.ts';
import type { RunScript } from './migrate.ts';

const LABEL = 'embedded pipeline';

/**
 * Makes `token` the one with which this machine's pipeline may write to the store; only its
 * SHA-256 is stored. A token of an earlier secrets file is revoked; one that somebody revoked
 * stays so.
 */
export const registerIngestToken = async (
  run: RunScript,
  storeId: string,
  token: string,
): Promise<void> => {
  const hash = await hashIngestToken(token);
  await run(`
    update public.ingest_tokens set revoked_at = now()
    where store_id = '${storeId}' and label = '${LABEL}' and token_hash <> '${hash}'
      and revoked_at is null;
    insert into public.ingest_tokens (store_id, label, token_hash)
    values ('${storeId}', '${LABEL}', '${hash}')
    on conflict (token_hash) do nothing;`);
};
