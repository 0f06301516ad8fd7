// @ts-check
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

/** @typedef {{ sensor_id: string, phone_id: string, rssi: number, ts: number }} Reading */
/** @typedef {{ name: string, bytes: number, readings: number }} Segment */

const NAME = /^\d{12}\.jsonl$/;

const UNFINISHED = /^\d{12}\.jsonl\.new$/;

/** @param {string} path @param {string} text */
const writeSynced = (path, text) => {
  const file = openSync(path, 'w', 0o600);
  try {
    // Not writeSync: on a disk that is nearly full that writes a part and calls it done.
    writeFileSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
};

/** @param {string} path @param {string} text Whole or not at all, whenever the power goes. */
const writeDurably = (path, text) => {
  try {
    writeSynced(`${path}.new`, text);
    renameSync(`${path}.new`, path);
  } catch (problem) {
    rmSync(`${path}.new`, { force: true });
    throw problem;
  }
};

/** @param {string} dir What a power cut left half written: it would only take room. */
const removeUnfinished = (dir) => {
  for (const name of readdirSync(dir)) if (UNFINISHED.test(name)) rmSync(join(dir, name));
};

/** @param {unknown} value @returns {value is Reading} */
const isReading = (value) => {
  const { sensor_id, phone_id, rssi, ts } = Object(value);
  return (
    typeof sensor_id === 'string' &&
    typeof phone_id === 'string' &&
    typeof rssi === 'number' &&
    typeof ts === 'number'
  );
};

/** @param {string} line @returns {Reading[]} A line that holds no reading is left out. */
const readLine = (line) => {
  try {
    const value = JSON.parse(line);
    return isReading(value) ? [value] : [];
  } catch {
    return [];
  }
};

/** @param {string} path @returns {Reading[]} */
const readReadings = (path) => readFileSync(path, 'utf8').split('\n').flatMap(readLine);

/** @param {string} text */
const say = (text) => process.stderr.write(`${text}\n`);

/** @param {string} dir @param {string} name @returns {Segment[]} What cannot be read is said, and left alone. */
const measure = (dir, name) => {
  try {
    const readings = readReadings(join(dir, name));
    return [{ name, bytes: statSync(join(dir, name)).size, readings: readings.length }];
  } catch (problem) {
    say(
      `queue: ${join(dir, name)} is left alone: ${problem instanceof Error ? problem.message : problem}`,
    );
    return [];
  }
};

/**
 * Readings in files of `dir`, oldest first, each file written once and removed when it was sent.
 *
 * @param {string} dir
 */
export const openSegments = (dir) => {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  removeUnfinished(dir);
  const names = readdirSync(dir)
    .filter((name) => NAME.test(name))
    .sort();
  const segments = names.flatMap((name) => measure(dir, name));
  let next = Number.parseInt(names.at(-1) ?? '0', 10) + 1;
  return {
    list: () => /** @type {ReadonlyArray<Segment>} */ (segments),
    /** @param {Segment} segment */
    read: ({ name }) => readReadings(join(dir, name)),
    /** @param {Segment} segment */
    remove: (segment) => {
      rmSync(join(dir, segment.name), { force: true });
      segments.splice(segments.indexOf(segment), 1);
    },
    /** @param {ReadonlyArray<Reading>} readings @throws where the disk is full or broken */
    append: (readings) => {
      const text = readings.map((one) => `${JSON.stringify(one)}\n`).join('');
      const name = `${String(next).padStart(12, '0')}.jsonl`;
      writeDurably(join(dir, name), text);
      next += 1;
      segments.push({ name, bytes: Buffer.byteLength(text), readings: readings.length });
    },
  };
};
