import { JSONL_FILES, type JsonlFile, OUTPUT_FILES } from '../../src/model/jsonlFile.ts';
import type { Upload } from '../../src/model/upload.ts';
import { bytesOf } from '../../src/production/files/bytes.ts';
import { ownFiles } from '../../src/production/files/ownFiles.ts';
import { encodeUpload } from '../../src/sinks/encodeUpload.ts';
import { DIRECTORY } from './fakeDisk.ts';
import { ENCODING, GRACE_MS, SPAN_MS } from './pipelineProcess.ts';
import type { Outcome } from './simulate.ts';
import { TOPIC } from './world.ts';

type Line = Readonly<Record<string, unknown>>;

/** What is ours of the files of a stream. */
const own = ({ world }: Outcome, stream: JsonlFile): ReadonlyArray<string> => {
  const disk = world.disk.mount(
    () => true,
    () => undefined,
  );
  return ownFiles(DIRECTORY, stream, disk).map(({ path, bytes }) =>
    bytesOf(path, 0, bytes, disk).toString(),
  );
};

/** The text of a stream, across its files; empty lines are what was taken back before others' lines. */
export const textOf = (outcome: Outcome, stream: JsonlFile): string =>
  own(outcome, stream)
    .join('')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => `${line}\n`)
    .join('');

const linesOf = (outcome: Outcome, stream: JsonlFile): ReadonlyArray<string> =>
  textOf(outcome, stream).split('\n').slice(0, -1);

const parsed = (outcome: Outcome, stream: JsonlFile): ReadonlyArray<Line> =>
  linesOf(outcome, stream).map((line): Line => JSON.parse(line));

const countsOf = (keys: Iterable<string>): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
};

/** One problem for each key that is not there as often as it should be. */
const differences = (
  what: string,
  expected: Iterable<string>,
  present: Iterable<string>,
): ReadonlyArray<string> => {
  const [should, are] = [countsOf(expected), countsOf(present)];
  return [...new Set([...should.keys(), ...are.keys()])].flatMap((key) => {
    const [n, m] = [should.get(key) ?? 0, are.get(key) ?? 0];
    return n === m ? [] : [`${what}: ${m} instead of ${n}: ${key}`];
  });
};

const torn = (outcome: Outcome): ReadonlyArray<string> =>
  JSONL_FILES.flatMap((stream) => {
    const texts = own(outcome, stream);
    return texts.flatMap((text) => {
      if (text !== '' && !text.endsWith('\n')) return [`${stream} ends within a line`];
      return text.split('\n').flatMap((line) => {
        try {
          if (line !== '') JSON.parse(line);
          return [];
        } catch {
          return [`${stream} has a line that is none: ${line}`];
        }
      });
    });
  });

/** Where nobody else wrote, every byte is ours; where somebody did, that is untouched. */
const strangers = (outcome: Outcome): ReadonlyArray<string> => {
  const { scenario, world } = outcome;
  const changed = world.disk.lostOfOthers().map((what) => `another program's, changed: ${what}`);
  if (scenario.meddling.length > 0) return changed;
  const files = [...world.disk.texts()].filter(([name]) => name.endsWith('.jsonl'));
  const all = files.map(([, text]) => text).join('').length;
  const ours = JSONL_FILES.flatMap((stream) => own(outcome, stream)).join('').length;
  return all === ours ? changed : [`${all - ours} bytes in the files are nobody's`];
};

const readings = ({ scenario }: Outcome) => {
  const all = scenario.published.flatMap(({ what }) => (typeof what === 'string' ? [] : [what]));
  return [...new Map(all.map((one) => [JSON.stringify(one), one])).values()];
};

const readingProblems = (outcome: Outcome): ReadonlyArray<string> => {
  const published = readings(outcome);
  const journal = parsed(outcome, 'rssi_readings');
  const window = (ts: unknown): number =>
    Math.floor(Number(ts) / (SPAN_MS / 1000)) * (SPAN_MS / 1000);
  const counted = parsed(outcome, 'rssi_vectors').flatMap(({ phone_id, window_start, counts }) =>
    Object.entries(Object(counts)).flatMap(([sensor, count]) =>
      Array.from({ length: Number(count) }, () => `${sensor} ${phone_id} ${window_start}`),
    ),
  );
  return [
    ...differences(
      'journal',
      published.map((one) => JSON.stringify(one)),
      journal.map(({ sensor_ts, ...one }) =>
        JSON.stringify({ ...one, ts: sensor_ts ?? one['ts'] }),
      ),
    ),
    ...differences(
      'vectors',
      journal.map(({ sensor_id, phone_id, ts }) => `${sensor_id} ${phone_id} ${window(ts)}`),
      counted,
    ),
  ];
};

const rejectionProblems = (outcome: Outcome): ReadonlyArray<string> => {
  const garbage = outcome.scenario.published.flatMap(({ what }) =>
    typeof what === 'string' ? [what] : [],
  );
  const kept = new Set(parsed(outcome, 'rejected_messages').map(({ payload }) => payload));
  return garbage.filter((one) => !kept.has(one)).map((one) => `not kept as rejected: ${one}`);
};

const assignmentProblems = (outcome: Outcome): ReadonlyArray<string> => {
  const key = ({ phone_id, ts, vector }: Line) => `${phone_id} ${ts} ${JSON.stringify(vector)}`;
  return differences(
    'assignments',
    parsed(outcome, 'rssi_vectors').map(key),
    parsed(outcome, 'zone_assignments').map(key),
  );
};

const rowsOf = (upload: Pick<Upload, 'assignments' | 'dwells'>): ReadonlyArray<string> => {
  const { readings: one, dwells } = encodeUpload({ batch_id: '', ...upload }, ENCODING);
  return [...one, ...dwells].map((row) => JSON.stringify(row));
};

/** The uploads in dead letters that nobody has sent again. */
const letters = (outcome: Outcome): ReadonlyArray<Upload> => {
  const again = new Set(parsed(outcome, 'redriven_uploads').map(({ batch_id }) => batch_id));
  return parsed(outcome, 'failed_uploads')
    .map(({ upload }) => upload as Upload)
    .filter(({ batch_id }) => !again.has(batch_id));
};

const rowProblems = (outcome: Outcome): ReadonlyArray<string> => {
  const { rows } = outcome.world.supabase;
  const saved = new Set(
    rowsOf({
      assignments: parsed(outcome, 'zone_assignments') as unknown as Upload['assignments'],
      dwells: parsed(outcome, 'dwells') as unknown as Upload['dwells'],
    }),
  );
  const dead = new Set(letters(outcome).flatMap(rowsOf));
  return [
    ...[...saved]
      .filter((row) => !rows.has(row) && !dead.has(row))
      .map((row) => `neither in the database nor a dead letter: ${row}`),
    ...(outcome.ranAhead ? [] : [...rows].filter((row) => !saved.has(row))).map(
      (row) => `in the database and in no file: ${row}`,
    ),
  ];
};

/** Everything that is not as it was promised; empty where all is well. */
export const problemsOf = (outcome: Outcome): ReadonlyArray<string> => {
  const held = outcome.world.broker.held().filter(({ topic }) => topic === TOPIC);
  const unreadable = torn(outcome);
  if (unreadable.length > 0) return unreadable;
  return [
    ...(outcome.isOver ? [] : ['the last process did not come to its end']),
    ...strangers(outcome),
    ...held.map(({ payload }) => `never acknowledged: ${payload}`),
    ...readingProblems(outcome),
    ...rejectionProblems(outcome),
    ...assignmentProblems(outcome),
    ...rowProblems(outcome),
  ];
};

/** What comes later may be taken for another clock, ms. */
const PROMPT_MS = 1_500;

/**
 * Whether every reading was safe before its window closed, soon enough to tell its sensor's clock, and
 * no stop closed a window early.
 */
export const isPrompt = ({ scenario, world }: Outcome): boolean =>
  Object.keys(scenario.aheadMs).length === 0 &&
  scenario.deaths.every(({ manner }) => manner !== 'stop') &&
  readings({ scenario } as Outcome).every((one) => {
    const closesMs = (Math.floor((one.ts * 1000) / SPAN_MS) + 1) * SPAN_MS + GRACE_MS;
    const safeMs = world.acknowledgedAt.get(JSON.stringify(one)) ?? Number.POSITIVE_INFINITY;
    return safeMs < Math.min(closesMs, one.ts * 1000 + PROMPT_MS);
  });

/** What the files hold other than those of a run in which nothing went wrong. */
export const deviations = (outcome: Outcome, faultless: Outcome): ReadonlyArray<string> =>
  OUTPUT_FILES.flatMap((file) =>
    differences(
      `${file}, against a faultless run`,
      linesOf(faultless, file),
      linesOf(outcome, file),
    ),
  );
