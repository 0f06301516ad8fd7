import { createHmac } from 'node:crypto';

/** HMAC-SHA-256 of a normalised MAC address with the store's secret, 64 hexadecimal digits. */
export const hashMac =
  (secret: string) =>
  (mac: string): string =>
    createHmac('sha256', secret).update(mac).digest('hex');
