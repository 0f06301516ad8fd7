import type { Json } from '../model/json.ts';
import type { RssiVector } from '../model/rssiVector.ts';
import type { Belief } from './classifier.ts';
import type { DeviceOffset } from './deviceOffset.ts';
import type { Grid } from './grid.ts';

/** What is remembered of a phone: where it may be, by block, and what was heard of it there. */
export interface Memory extends Pick<RssiVector, 'vector' | 'counts' | 'ts'> {
  readonly blocks: Float64Array;
  readonly offset: DeviceOffset;
}

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
/** One digit further is exp(−0.2) less probable. */
const NATS = 0.2;
const CODES = Uint8Array.from(DIGITS, (digit) => digit.charCodeAt(0));
/** By character code; what is no digit is no number. */
const PROBABILITY = Float64Array.from({ length: 128 }, (_, code) =>
  CODES.includes(code) ? Math.exp(-NATS * CODES.indexOf(code)) : Number.NaN,
);

/** The floor that a belief is about: another floor's belief means nothing here. */
const floorOf = ({ blockColumns, blockRows, blockM }: Grid): string =>
  `${blockColumns}x${blockRows}x${Math.round(blockM * 100)}`;

const LAST = CODES.length - 1;
const LEAST_TOLD = Math.exp(-NATS * LAST);

/** A digit a block: how much less probable it is than the most probable one. */
const write = (blocks: Float64Array): string => {
  let most = 0;
  for (let block = 0; block < blocks.length; block += 1)
    if ((blocks[block] as number) > most) most = blocks[block] as number;
  const codes = Buffer.alloc(blocks.length, CODES[LAST] as number);
  for (let block = 0; block < blocks.length; block += 1) {
    const ratio = (blocks[block] as number) / most;
    if (ratio > LEAST_TOLD) codes[block] = CODES[Math.round(-Math.log(ratio) / NATS)] as number;
  }
  return codes.toString('latin1');
};

/** Probabilities by block into `blocks`; whether they are any. */
const read = (text: string, blocks: Float64Array): boolean => {
  let all = 0;
  for (let block = 0; block < text.length; block += 1) {
    const value = PROBABILITY[text.charCodeAt(block)] ?? Number.NaN;
    blocks[block] = value;
    all += value;
  }
  for (let block = 0; block < text.length; block += 1)
    blocks[block] = (blocks[block] as number) / all;
  return all > 0;
};

/** About 700 bytes as JSON: one digit for each of at most 500 blocks, and two numbers a sensor. */
export const toBelief = (grid: Grid, { blocks, offset, ts, vector, counts }: Memory): Belief => {
  const heard: Record<string, ReadonlyArray<number>> = {};
  for (const sensor of Object.keys(vector))
    heard[sensor] = [Math.round((vector[sensor] ?? 0) * 10) / 10, Math.round(counts[sensor] ?? 1)];
  const kind = [offset.alike, offset.mean, offset.variance];
  return {
    floor: floorOf(grid),
    ts,
    at: write(blocks),
    offset: kind.map((value) => Math.round(value * 1e4) / 1e4),
    heard,
  };
};

const isRecord = (value: Json | undefined): value is { readonly [key: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const readOffset = (value: Json | undefined): DeviceOffset | undefined => {
  const [alike, mean, variance] = Array.isArray(value) ? value : [];
  return typeof alike === 'number' &&
    typeof mean === 'number' &&
    typeof variance === 'number' &&
    variance > 0
    ? { alike, mean, variance }
    : undefined;
};

/** What does not fit this floor counts as no belief. The probabilities are written into `blocks`. */
export const fromBelief = (
  grid: Grid,
  belief: Belief | undefined,
  blocks: Float64Array,
): Memory | undefined => {
  if (!isRecord(belief)) return undefined;
  const { floor, ts, at, heard } = belief;
  const offset = readOffset(belief['offset']);
  if (floor !== floorOf(grid) || typeof ts !== 'number' || typeof at !== 'string') return undefined;
  if (at.length !== blocks.length || !isRecord(heard)) return undefined;
  if (offset === undefined || !read(at, blocks)) return undefined;
  const vector: Record<string, number> = {};
  const counts: Record<string, number> = {};
  for (const sensor of Object.keys(heard)) {
    const pair = heard[sensor];
    const [dbm, count] = Array.isArray(pair) ? pair : [];
    if (typeof dbm !== 'number' || typeof count !== 'number') return undefined;
    vector[sensor] = dbm;
    counts[sensor] = Math.max(count, 1);
  }
  return { blocks, offset, ts, vector, counts };
};
