import type { Identity } from '../model/reading.ts';

const { imul } = Math;

const bits = new ArrayBuffer(8);
const asNumber = new Float64Array(bits);
const asWords = new Uint32Array(bits);

/** Mixes a word in, by multiplication with two odd constants (Knuth's, and one of L'Ecuyer's). */
const high = (hash: number, word: number): number => imul(hash ^ word, 2654435761);
const low = (hash: number, word: number): number => imul(hash ^ word, 1597334677);

/** The finalizer of MurmurHash3: each bit of the input changes half of the output's. */
const finish = (hash: number): number => {
  let mixed = imul(hash ^ (hash >>> 16), 0x85ebca6b);
  mixed = imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
};

/** A set of 64-bit numbers in two arrays: a tenth of the memory of as many strings. */
const hashSet = (capacity: number) => {
  const slots = 2 ** Math.ceil(Math.log2(2 * capacity));
  const highs = new Uint32Array(slots);
  const lows = new Uint32Array(slots);
  let size = 0;
  /** Where it is, or where it belongs. */
  const slotOf = (a: number, b: number): number => {
    let slot = b & (slots - 1);
    while ((highs[slot] !== a || lows[slot] !== b) && (highs[slot] !== 0 || lows[slot] !== 0))
      slot = (slot + 1) & (slots - 1);
    return slot;
  };
  return {
    has: (a: number, b: number): boolean => lows[slotOf(a, b)] === b,
    add: (a: number, b: number): void => {
      const slot = slotOf(a, b);
      if (lows[slot] === b) return;
      highs[slot] = a;
      lows[slot] = b;
      size += 1;
    },
    isFull: (): boolean => size >= capacity,
  };
};

/**
 * Remembers at least the last `capacity` readings and at most twice as many: when the newer half is
 * full, the older one is forgotten. A reading is known by 64 bits made of its sensor, phone and time: of
 * a billion new ones less than one in ten thousand is taken for an old one by chance.
 */
export const recentReadings = (capacity: number): ((identity: Identity) => boolean) => {
  let newer = hashSet(capacity);
  let older = hashSet(1);
  /** Whether the reading is new; it is remembered either way. */
  return ({ sensor_id, phone_id, ts, sensor_ts = ts }) => {
    asNumber[0] = sensor_ts;
    let [a, b] = [0xdeadbeef, 0x41c6ce57];
    for (let at = 0; at < sensor_id.length; at += 1) {
      a = high(a, sensor_id.charCodeAt(at));
      b = low(b, sensor_id.charCodeAt(at));
    }
    // Else a part of one name could belong to the other.
    a = high(a, 0x10000);
    b = low(b, 0x10000);
    for (let at = 0; at < phone_id.length; at += 1) {
      a = high(a, phone_id.charCodeAt(at));
      b = low(b, phone_id.charCodeAt(at));
    }
    a = finish(high(high(a, asWords[0] as number), asWords[1] as number) ^ (b >>> 15));
    // Zero is an empty slot's.
    b = finish(low(low(b, asWords[1] as number), asWords[0] as number) ^ (a >>> 13)) || 1;
    if (newer.has(a, b)) return false;
    const isNew = !older.has(a, b);
    newer.add(a, b);
    if (newer.isFull()) {
      older = newer;
      newer = hashSet(capacity);
    }
    return isNew;
  };
};
