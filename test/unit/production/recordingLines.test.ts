import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { recordingLines } from '../../../src/production/recordingLines.ts';

const dir = mkdtempSync(join(tmpdir(), 'recording-'));
afterAll(() => rmSync(dir, { recursive: true }));

const PHONE = 'da:a1:19:00:00:01';
const read = (text: string): ReadonlyArray<unknown> => {
  const file = join(dir, 'recording');
  writeFileSync(file, text);
  return [...recordingLines(file)].map((line) => JSON.parse(line.replace(/^\uFEFF/, '')));
};

it.each([
  ['plain', `ts,sensor_id,rssi,phone_id\n1772445600.5,pi1,-50,${PHONE}\n`],
  [
    'with a byte order mark',
    `\uFEFFts,sensor_id,rssi,phone_id\r\n1772445600.5,pi1,-50,${PHONE}\r\n`,
  ],
  ['with semicolons', `ts;sensor_id;rssi;phone_id\n1772445600.5;pi1;-50;${PHONE}\n`],
  ['with decimal commas', `ts;sensor_id;rssi;phone_id\n1772445600,5;pi1;-50,0;${PHONE}\n`],
  ['with tabs', `ts\tsensor_id\trssi\tphone_id\n1772445600.5\tpi1\t-50\t${PHONE}\n`],
  [
    'with ISO times and a comma in quotes',
    `ts,note,sensor_id,rssi,phone_id\n2026-03-02T10:00:00.5Z,"a, b",pi1,-50,${PHONE}\n`,
  ],
  ['of JSON', `\uFEFF{"ts":1772445600.5,"sensor_id":"pi1","rssi":-50,"phone_id":"${PHONE}"}\n`],
])('a recording %s', (_what, text) => {
  expect(read(text)).toEqual([
    { sensor_id: 'pi1', phone_id: PHONE, rssi: -50, ts: 1_772_445_600.5 },
  ]);
});

it('guesses at no line with a cell too many', () => {
  const file = join(dir, 'surplus');
  writeFileSync(file, `ts,sensor_id,rssi,phone_id\n1,pi1,-50,5,${PHONE}\n`);
  expect([...recordingLines(file)]).toEqual([`1,pi1,-50,5,${PHONE}`]);
});

it.each([
  ['UTF-16', Buffer.from('\uFEFFts,sensor_id,rssi\n', 'utf16le')],
  ['CP949', Buffer.from([...Buffer.from('ts,sensor_id,rssi\n1,'), 0xc0, 0xd4, 0x0a])],
])('says of %s that it is not in UTF-8', (_what, bytes) => {
  const file = join(dir, 'encoded');
  writeFileSync(file, bytes);
  expect(() => [...recordingLines(file)]).toThrow(/encoded: is not in UTF-8; save it so/);
});

it('leaves what is no number to be named', () => {
  expect(read('ts,sensor_id,rssi\nsoon,pi1,loud\n')).toMatchObject([{ ts: 'soon', rssi: 'loud' }]);
});
