import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { either as E } from 'fp-ts';
import type { Config } from '../../config.ts';
import { loadSecrets } from '../../embedded/secrets.ts';
import { hashOfPhone, PhoneId } from '../../model/phoneId.ts';
import { hashMac } from '../../production/hashMac.ts';
import { DATA_DIR, Misconfigured } from '../settings.ts';

const secretOf = async ({ PHONE_HASH_SECRET }: Config): Promise<string | undefined> =>
  PHONE_HASH_SECRET ??
  (existsSync(join(DATA_DIR, 'secrets.json'))
    ? (await loadSecrets(DATA_DIR)).phoneHashSecret
    : undefined);

/**
 * Tells a phone from the others, also where sensors send its hash instead of its address.
 *
 * @throws Misconfigured for what is no address
 */
export const recognise = async (
  config: Config,
  phone: string,
): Promise<(phoneId: string) => boolean> => {
  const id = PhoneId.decode(phone);
  if (E.isLeft(id))
    throw new Misconfigured([`--phone: ${phone} is no address such as a8:76:50:e9:28:20`]);
  const secret = await secretOf(config);
  const hash = secret === undefined ? undefined : hashMac(secret)(id.right);
  return (phoneId) => phoneId === id.right || (hash !== undefined && hashOfPhone(phoneId) === hash);
};
