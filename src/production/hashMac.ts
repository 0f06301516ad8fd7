import { createHmac } from 'node:crypto';
import { hashOfPhone } from '../model/phoneId.ts';

/**
 * HMAC-SHA-256 of a phone's id with the store's secret, 64 hexadecimal digits. A sensor that hashes
 * makes the same of the same address, so what it hashed passes unchanged.
 */
export const hashMac =
  (secret: string) =>
  (phoneId: string): string =>
    hashOfPhone(phoneId) ?? createHmac('sha256', secret).update(phoneId).digest('hex');
