// @ts-check
import { createHmac } from 'node:crypto';

const LOCALLY_ADMINISTERED = 2;

/**
 * What a phone is called in a message: its address, or with the store's secret its hash. The hash is
 * the one that the pipeline would make, so a phone stays one phone whoever hashes; and it says
 * whether the address was a random one, for that cannot be seen any more.
 *
 * @param {string} mac
 * @param {string | undefined} secret
 */
export const phoneId = (mac, secret) => {
  if (secret === undefined) return mac;
  const isRandom = (Number.parseInt(mac.slice(0, 2), 16) & LOCALLY_ADMINISTERED) !== 0;
  const hash = createHmac('sha256', secret).update(mac).digest('hex');
  return `hashed:${isRandom ? 'randomised' : 'fixed'}:${hash}`;
};
