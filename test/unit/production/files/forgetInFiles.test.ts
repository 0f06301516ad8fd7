import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lastValueFrom } from 'rxjs';
import { EMPTY_SNAPSHOT, type Snapshot } from '../../../../src/model/checkpoint.ts';
import { jsonLine } from '../../../../src/model/json.ts';
import { EXAMPLE_MAC } from '../../../../src/model/mac.ts';
import { windowKey } from '../../../../src/model/openWindow.ts';
import { forgetInFiles, tracesInFiles } from '../../../../src/production/files/forgetInFiles.ts';
import { jsonlFiles } from '../../../../src/production/files/jsonlFiles.ts';
import { lineWithout } from '../../../../src/production/files/phoneLines.ts';
import { recover } from '../../../../src/production/files/recovery.ts';
import { OTHER_PHONE, PHONE, reading, vector } from '../../../support/readings.ts';

let dir: string;
beforeEach(() => {
  dir = join(mkdtempSync(join(tmpdir(), 'forget-')), 'output');
});
afterEach(() => rmSync(join(dir, '..'), { recursive: true, force: true }));

const of = (phone_id: string) => ({ phone_id });
const both = <A>(value: (phone_id: string) => A, keyOf = (phone_id: string) => phone_id) =>
  new Map([PHONE, OTHER_PHONE].map((phone_id) => [keyOf(phone_id), value(phone_id)]));
const state: Snapshot = {
  windows: both(
    (phone_id) => ({ phone_id, window_start: 10, ts: 11, rssi: { pi1: [-60] } }),
    (phone_id) => windowKey({ phone_id, window_start: 10 }),
  ),
  beliefs: both(() => ({ ts: 11, belief: 1 })),
  sensors: new Map([['pi1', 11]]),
  tracks: both((phone_id) => ({ phone_id, enter_ts: 1, heard_ts: 11, zones: [1], zone_id: 1 })),
  presences: both(() => ({ firstTs: 1, lastTs: 11, isResident: false })),
};

/** A process that committed a flush, began the next one, and was killed. */
const killed = async (maxBytes: number): Promise<void> => {
  const files = jsonlFiles({ dir, maxBytes, retentionDays: 1, now: Date.now, log: () => {} });
  const journal = (...phones: ReadonlyArray<string>) =>
    lastValueFrom(
      files.append('rssi_readings')(
        phones.map((phone_id, n) => jsonLine(reading(n + 1, { phone_id }))),
      ),
    );
  await journal(PHONE);
  await journal(PHONE, OTHER_PHONE, PHONE);
  await lastValueFrom(
    files.commit({
      lines: {
        rssi_vectors: [PHONE, OTHER_PHONE].map((phone_id) => jsonLine(vector(1, of(phone_id)))),
        visits: [jsonLine(of(PHONE))],
      },
      state,
    }),
  );
  await journal(OTHER_PHONE, PHONE);
  // Of a flush that was never finished.
  await lastValueFrom(
    files.append('rssi_vectors')([
      jsonLine(vector(6, of(PHONE))),
      jsonLine(vector(6, of(OTHER_PHONE))),
    ]),
  );
  await files.close();
};

const text = (): string =>
  readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .filter((name) => statSync(join(dir, name)).isFile())
    .map((name) => readFileSync(join(dir, name), 'utf8'))
    .join('');

it.each([{ maxBytes: 1e9 }, { maxBytes: 100 }])(
  'a start after forgetting goes on as before, without the phone (files of $maxBytes bytes)',
  async ({ maxBytes }) => {
    await killed(maxBytes);
    await forgetInFiles(dir, [PHONE]);
    expect(text()).not.toContain(PHONE);

    const { later, linesTakenBack, state: left, known } = await recover(dir, () => {});
    expect([...known]).toHaveLength(2);
    expect(later).toEqual([reading(1, of(OTHER_PHONE))]);
    expect(linesTakenBack).toBe(1);
    expect([left.windows, left.beliefs, left.tracks, left.presences]).toEqual([
      new Map([...state.windows].slice(1)),
      new Map([...state.beliefs].slice(1)),
      new Map([...state.tracks].slice(1)),
      new Map([...state.presences].slice(1)),
    ]);
    expect(left.sensors).toEqual(state.sensors);
    const vectors = readdirSync(dir)
      .filter((name) => name.startsWith('rssi_vectors'))
      .map((name) => readFileSync(join(dir, name), 'utf8'));
    expect(vectors.join('')).toBe(jsonLine(vector(1, of(OTHER_PHONE))));
  },
);

it('leaves a checkpoint alone that it cannot read, and tells it', async () => {
  await killed(1e9);
  const foreign = `{"version":2,"of":"${PHONE}"}`;
  writeFileSync(join(dir, 'checkpoint.json'), foreign);
  await forgetInFiles(dir, [PHONE]);

  expect(readFileSync(join(dir, 'checkpoint.json'), 'utf8')).toBe(foreign);
  expect(await tracesInFiles(dir, [PHONE])).toEqual({
    own: [],
    foreign: [{ file: 'checkpoint.json', lines: 1 }],
  });
  expect(await recover(dir, () => {})).toMatchObject({ state: EMPTY_SNAPSHOT, later: [] });
});

it('touches nothing where the phone is unknown', async () => {
  await killed(1e9);
  const before = text();
  expect(await forgetInFiles(dir, ['a8:76:50:00:00:00'])).toEqual([]);
  expect(text()).toBe(before);
});

it('leaves lines of somebody else as they are, and tells them', async () => {
  await killed(1e9);
  const foreign = `${jsonLine(of(PHONE))}{"phone_id":"${PHONE}"`;
  appendFileSync(join(dir, 'visits.jsonl'), foreign);
  writeFileSync(join(dir, 'raw_rssi.jsonl'), foreign);
  const before = readFileSync(join(dir, 'visits.jsonl'), 'utf8');
  expect(await forgetInFiles(dir, [PHONE])).toContainEqual({
    file: 'visits.jsonl',
    lines: 1,
  });

  const own = before.length - foreign.length;
  expect(readFileSync(join(dir, 'visits.jsonl'), 'utf8')).toBe(`${'\n'.repeat(own)}${foreign}`);
  expect(readFileSync(join(dir, 'raw_rssi.jsonl'), 'utf8')).toBe(foreign);
  expect(await tracesInFiles(dir, [PHONE])).toEqual({
    own: [],
    foreign: [
      { file: 'raw_rssi.jsonl', lines: 2 },
      { file: 'visits.jsonl', lines: 2 },
    ],
  });
  expect(await recover(dir, () => {})).toMatchObject({ linesTakenBack: 1 });
});

it.each([
  'A8 76 50 E9 28 20',
  'a8_76_50_e9_28_20',
  'a876:50e9:2820',
  'A876-50E9-2820',
  'a87650:e92820',
  'a8.76.50.e9.28.20',
  'a8%3A76%3a50%3Ae9%3A28%3A20',
  'a8%2D76%2D50%2De9%2D28%2D20',
])('finds the address written as %s', (written) => {
  const without = lineWithout(['a8:76:50:e9:28:20'], 'rejected.jsonl');
  expect(without(jsonLine({ payload: `{"mac":"${written}"}` }))).toBeUndefined();
});

it('takes no number and no other address for the address', () => {
  const without = lineWithout(['17:90:00:00:00:12'], 'rejected.jsonl');
  for (const line of ['{"ts":1790000000.12}', '{"mac":"17 90 00 00 00 13"}'])
    expect(without(line)).toBe(line);
});

it.each([
  ['id:phone:anna', 'id:phone:anna', 'id:phone:ann'],
  ['id:phone:anna', 'phone:anna', 'phone:anna2'],
  ['id:phone:anna', 'PHONE:anna', 'id:iphone:anna'],
  ['hashed:unknown:0c1d2e3f4a5b6c7d', '0C1D2E3F4A5B6C7D', '0c1d2e3f4a5b6c7d0'],
  ['hashed:unknown:0c1d2e3f4a5b6c7d', 'hashed:unknown:0c1d2e3f4a5b6c7d', 'c1d2e3f4a5b6c7d'],
])('finds %s written as %s, and not in %s', (id, written, another) => {
  const without = lineWithout([id], 'rejected_messages.jsonl');
  expect(without(jsonLine({ payload: `{"mac":"${written}"}` }))).toBeUndefined();
  const line = jsonLine({ payload: `{"mac":"${another}"}` });
  expect(without(line)).toBe(line);
});

it('takes the example of our own message for nobody', () => {
  const without = lineWithout([EXAMPLE_MAC], 'rejected_messages.jsonl');
  const reasons = [`phone_id: must be a MAC address such as ${EXAMPLE_MAC}, got "?"`];
  const line = jsonLine({ reasons, payload: '?' });
  expect(without(line)).toBe(line);
  expect(without(jsonLine({ reasons, payload: EXAMPLE_MAC.toUpperCase() }))).toBeUndefined();
});
