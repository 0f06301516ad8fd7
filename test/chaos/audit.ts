import { existsSync, readFileSync } from 'node:fs';
import type { JsonlFile } from '../../src/model/jsonlFile.ts';
import { bytesOf } from '../../src/production/files/bytes.ts';
import { ownFiles } from '../../src/production/files/ownFiles.ts';
import { hashMac } from '../../src/production/hashMac.ts';
import type { Database } from '../support/postgres.ts';
import type { Foreign } from './meddler.ts';
import { identityOf, type Publisher } from './publisher.ts';

/** One step of the way: how many should have come, and what became of them. */
export interface Verdict {
  readonly step: string;
  readonly expected: number;
  readonly lost: number;
  readonly double: number;
  /** For the lost and the double ones: which. */
  readonly examples: ReadonlyArray<string>;
}

/** Unix ms. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

export interface Audit {
  readonly verdicts: ReadonlyArray<Verdict>;
  /** Rows of what was uploaded ahead of a disk that was full, and was made again after a kill. */
  readonly ahead: number;
}

/** What another program wrote to the files, each piece as it was written. */
const foreignVerdict = (written: ReadonlyArray<Foreign>): Verdict => {
  const lost = written.filter(
    ({ path, text }) => !existsSync(path) || !readFileSync(path, 'utf8').includes(text),
  );
  return {
    step: "another program's writes → where they were",
    expected: written.length,
    lost: lost.length,
    double: 0,
    examples: lost.slice(0, 5).map(({ path, text }) => `lost: ${path}: ${text}`),
  };
};

type Counts = Map<string, number>;

const countOf = (keys: Iterable<string>): Counts => {
  const counts: Counts = new Map();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
};

const total = (counts: Counts): number => [...counts.values()].reduce((sum, n) => sum + n, 0);

const compare = (step: string, expected: Counts, present: Counts): Verdict => {
  const verdict = { step, expected: total(expected), lost: 0, double: 0, examples: [] as string[] };
  for (const key of new Set([...expected.keys(), ...present.keys()])) {
    const surplus = (present.get(key) ?? 0) - (expected.get(key) ?? 0);
    if (surplus < 0) verdict.lost -= surplus;
    if (surplus > 0) verdict.double += surplus;
    if (surplus !== 0 && verdict.examples.length < 5)
      verdict.examples.push(`${surplus < 0 ? 'lost' : 'double'}: ${key}`);
  }
  return verdict;
};

/** What of a line of any of the files is compared. */
interface Line {
  readonly phone_id: string;
  readonly sensor_id: string;
  readonly ts: number;
  readonly sensor_ts?: number;
  readonly window_start: number;
  readonly enter_ts: number;
  readonly x: number;
  readonly y: number;
  readonly vector: Readonly<Record<string, number>>;
  readonly counts: Readonly<Record<string, number>>;
  readonly payload: string;
}

/** What the pipeline wrote to a stream, across its files; empty lines are what it took back. */
const lines = function* (dir: string, stream: JsonlFile): Generator<Line> {
  for (const { path, bytes } of ownFiles(dir, stream))
    for (const line of bytesOf(path, 0, bytes).toString().split('\n'))
      if (line !== '') yield JSON.parse(line) as Line;
};

const map = function* <A>(items: Iterable<A>, key: (item: A) => string): Generator<string> {
  for (const item of items) yield key(item);
};

const WINDOW_S = 5;
const windowOf = (ts: number): number => Math.floor(ts / WINDOW_S) * WINDOW_S;

const inVectors = (dir: string): Counts => {
  const counts: Counts = new Map();
  for (const { phone_id, window_start, counts: of } of lines(dir, 'rssi_vectors'))
    for (const [sensor, n] of Object.entries(of)) {
      const key = `${sensor} ${phone_id} ${window_start}`;
      counts.set(key, (counts.get(key) ?? 0) + Number(n));
    }
  return counts;
};

/** Each once: what is delivered again is rejected again. */
const rejected = (dir: string): Counts =>
  countOf(new Set(map(lines(dir, 'rejected_messages'), ({ payload }) => payload)));

const vectorKey = ({ phone_id, ts, vector }: Line): string =>
  `${phone_id} ${ts} ${JSON.stringify(vector)}`;

const placeKey = (hash: string, ms: number, x: number, y: number): string =>
  `${hash.slice(0, 12)} ${ms} ${x} ${y}`;

/** With `autosave_interval 1` mosquitto saves every two seconds, which takes it a while. */
const UNSAVED_MS = 2_500;
/** What a killed broker had acknowledged is heard of so much later on a busy machine. */
const LATE_MS = 250;

/**
 * Follows every reading from the broker's acknowledgement to its row. What the broker acknowledged
 * shortly before it was killed is not asked for: that is the broker's own promise. Rows of a time in
 * which the files were behind, `behind`, may be in no file: they are counted by themselves.
 */
export const audit = async (
  dir: string,
  { published, garbage }: Publisher,
  brokerKills: ReadonlyArray<number>,
  behind: ReadonlyArray<Span>,
  foreign: ReadonlyArray<Foreign>,
  database: Database,
  phoneHashSecret: string,
): Promise<Audit> => {
  const journal = [...lines(dir, 'rssi_readings')];
  const saved = countOf(map(journal, identityOf));
  const isAtRisk = (acknowledgedAt: number): boolean =>
    brokerKills.some((at) => at - acknowledgedAt < UNSAVED_MS && acknowledgedAt - at < LATE_MS);
  /** What the broker took for good; what it may have lost, where it is there all the same. */
  const promised = (sent: Publisher['published'], present: Counts): Counts =>
    countOf(
      [...sent]
        .filter(([key, { acknowledgedAt }]) => {
          const isPromised = acknowledgedAt !== undefined && !isAtRisk(acknowledgedAt);
          return isPromised || present.has(key);
        })
        .map(([key]) => key),
    );
  const refused = rejected(dir);
  const assignments = [...lines(dir, 'zone_assignments')];
  const hash = hashMac(phoneHashSecret);
  const placed = countOf(
    map(assignments, ({ phone_id, ts, x, y }) =>
      placeKey(hash(phone_id), Math.round(ts * 1000), x, y),
    ),
  );
  const { rows } = await database.pool.query(
    'select hashed_mac, event_time, position_x, position_y from public.zone_events',
  );
  const stored = rows.map((row) => {
    const ms = row.event_time.getTime();
    const key = placeKey(row.hashed_mac, ms, Number(row.position_x), Number(row.position_y));
    const isAhead = behind.some(({ from, to }) => ms >= from - WINDOW_S * 1000 && ms <= to);
    return { key, isAhead: isAhead && !placed.has(key) };
  });
  const dwells = [...lines(dir, 'dwells')];
  const { rows: dwellRows } = await database.pool.query(
    'select hashed_mac, entered_at from public.zone_dwells',
  );
  const verdicts = [
    compare('readings: acknowledged by the broker → journal', promised(published, saved), saved),
    compare(
      'readings: journal → vectors',
      countOf(
        map(journal, ({ sensor_id, phone_id, ts }) => `${sensor_id} ${phone_id} ${windowOf(ts)}`),
      ),
      inVectors(dir),
    ),
    compare('garbage → rejected messages', promised(garbage, refused), refused),
    compare(
      'vectors → assignments',
      countOf(map(lines(dir, 'rssi_vectors'), vectorKey)),
      countOf(map(assignments, vectorKey)),
    ),
    compare(
      'assignments → rows of zone_events',
      placed,
      countOf(stored.filter(({ isAhead }) => !isAhead).map(({ key }) => key)),
    ),
    compare(
      'dwells → rows of zone_dwells',
      countOf(
        map(
          dwells,
          ({ phone_id, enter_ts }) =>
            `${hash(phone_id).slice(0, 12)} ${Math.round(enter_ts * 1000)}`,
        ),
      ),
      countOf(
        map(dwellRows, (row) => `${row.hashed_mac.slice(0, 12)} ${row.entered_at.getTime()}`),
      ),
    ),
  ];
  verdicts.push(foreignVerdict(foreign));
  return { verdicts, ahead: stored.filter(({ isAhead }) => isAhead).length };
};
