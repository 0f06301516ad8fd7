// @ts-check
import { openSegments } from './segments.mjs';

/** @typedef {import('./segments.mjs').Reading} Reading */
/** @typedef {import('./segments.mjs').Segment} Segment */

/** What a message holds at most. */
const BATCH = 500;
/** How many times `inMemory` is held where the disk takes nothing. */
const PATIENCE = 10;

/** @param {ReadonlyArray<number>} values */
const sum = (values) => values.reduce((a, b) => a + b, 0);

/**
 * Readings that wait for the broker: in memory while the connection is good, in files of `dir` when
 * there are more than `inMemory`, so that they outlast a power cut. Beyond `maxBytes` of files, or
 * where the disk takes none, the oldest are dropped and counted.
 *
 * @param {{ dir: string, inMemory: number, maxBytes: number }} options
 */
export const openQueue = ({ dir, inMemory, maxBytes }) => {
  const segments = openSegments(dir);
  /** @type {Reading[]} */
  const memory = [];
  /** @type {{ segment: Segment, readings: Reading[] } | undefined} the oldest file, read */
  let file;
  /** @type {{ batch: Reading[], from: Reading[] } | undefined} handed out, not yet arrived */
  let sending;
  let dropped = 0;

  /**
   * Memory goes to disk, but for what is being sent out of it. A file holds one message: it goes when
   * that has arrived, so a restart sends little again.
   */
  const spill = (/** @type {number} */ held) => {
    while (memory.length > held) {
      const spilled = memory.slice(held, held + BATCH);
      segments.append(spilled);
      memory.splice(held, spilled.length);
    }
  };
  /** Of what memory holds beyond what is being sent, the oldest. */
  const forget = (/** @type {number} */ count) => {
    dropped += memory.splice(held(), Math.max(0, count)).length;
  };
  const dropOldest = () => {
    while (sum(segments.list().map(({ bytes }) => bytes)) > maxBytes) {
      const oldest = segments.list().find((segment) => segment !== file?.segment);
      if (oldest === undefined) return;
      dropped += oldest.readings;
      segments.remove(oldest);
    }
  };
  const held = () => (sending?.from === memory ? sending.batch.length : 0);
  const openOldest = () => {
    const [oldest] = segments.list();
    if (file === undefined && oldest !== undefined)
      file = { segment: oldest, readings: segments.read(oldest) };
  };
  const closeIfEmpty = () => {
    if (file === undefined || file.readings.length > 0) return;
    segments.remove(file.segment);
    file = undefined;
  };

  return {
    /** @param {ReadonlyArray<Reading>} readings */
    add: (readings) => {
      memory.push(...readings);
      if (memory.length - held() <= inMemory) return;
      try {
        spill(held());
        dropOldest();
      } catch {
        forget(memory.length - held() - PATIENCE * inMemory);
      }
    },
    /**
     * What to send next, the same until `done` says that it arrived; undefined where nothing waits.
     *
     * @returns {ReadonlyArray<Reading> | undefined}
     */
    head: () => {
      if (sending !== undefined) return sending.batch;
      openOldest();
      closeIfEmpty();
      const from = file?.readings ?? memory;
      if (from.length > 0) sending = { batch: from.slice(0, BATCH), from };
      return sending?.batch;
    },
    done: () => {
      sending?.from.splice(0, sending.batch.length);
      sending = undefined;
      closeIfEmpty();
    },
    /** Everything to disk, before the process ends. Returns how many that did not take. */
    close: () => {
      try {
        spill(0);
      } catch {
        const lost = memory.splice(0).length;
        dropped += lost;
        return lost;
      }
      return 0;
    },
    waiting: () => {
      const rest = segments.list().filter((segment) => segment !== file?.segment);
      return memory.length + (file?.readings.length ?? 0) + sum(rest.map((one) => one.readings));
    },
    dropped: () => dropped,
  };
};
