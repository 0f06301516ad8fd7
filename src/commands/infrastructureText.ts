import { join } from 'node:path';

/** That the rule struck, without an address, and how to see and to overrule it; empty at none. */
export const infrastructureText = (
  count: number,
  outputDir: string,
  listFile = 'infrastructure.csv',
): string =>
  count === 0
    ? ''
    : `  ${count} ${count === 1 ? 'device' : 'devices'} heard all the time and everywhere, never` +
      ` moving: taken for access points, no visits.\n  Which: ${join(outputDir, 'infrastructure.jsonl')}.` +
      ` If one is a phone, write "<phone_id>,phone" into ${listFile}.\n`;
