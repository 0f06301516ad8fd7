import { closeSync, openSync, readdirSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { DEMO_STORE_ID } from '../../src/embedded/database/demoStore.ts';
import type { Random } from '../../src/embedded/shop/random.ts';
import { JSONL_FILES } from '../../src/model/jsonlFile.ts';

/** What another program has written to a file of the pipeline's directory. */
export interface Foreign {
  readonly path: string;
  readonly text: string;
}

/** A row that no sensor has caused: it must be found in no table. */
const line = (random: Random): string =>
  JSON.stringify({
    phone_id: `0a:0a:0a:0a:0a:${random.integer(10, 99)}`,
    // No two alike: each piece is looked for by what it says.
    ...{ nonce: random.uniform(), zone_id: 1, x: 0.123, y: 0.456, confidence: 0.7, margin: 0.4 },
    ...{ ts: Date.now() / 1000, sources: ['pi1'], vector: { pi1: -50 }, session_id: DEMO_STORE_ID },
  });

/** Another program that appends to files with names of the pipeline's, mostly whole lines. */
export const meddler = (output: string) => {
  const written: Foreign[] = [];
  const meddle = (random: Random): void => {
    const names = readdirSync(output).filter((name) => name.endsWith('.jsonl'));
    const usual = `${random.pick(JSONL_FILES)}.jsonl`;
    const path = join(output, random.chance(0.5) ? usual : random.pick([usual, ...names]));
    const text = `${line(random)}\n${line(random)}${random.chance(0.8) ? '\n' : ''}`;
    const file = openSync(path, 'a');
    try {
      written.push({ path, text: text.slice(0, writeSync(file, text)) });
    } catch {
      // The disk is full.
    } finally {
      closeSync(file);
    }
  };
  return { meddle, written };
};
