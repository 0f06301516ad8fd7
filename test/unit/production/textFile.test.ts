import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadEnvFile } from '../../../src/commands/dotenv.ts';
import { decodeText } from '../../../src/production/textFile.ts';

const utf16 = (text: string): Buffer => Buffer.from(`\uFEFF${text}`, 'utf16le');

it.each([
  ['UTF-8', Buffer.from('입구')],
  ['UTF-8 with a byte order mark', Buffer.from('\uFEFF입구')],
  ['UTF-16', utf16('입구')],
  ['UTF-16, big-endian', utf16('입구').swap16()],
])('reads %s', (_what, bytes) => {
  expect(decodeText(bytes, 'zones.csv')).toBe('입구');
});

it.each([
  ['CP949', Buffer.from([0xc0, 0xd4, 0xb1, 0xb8]), /zones\.csv: .* CP949 \(EUC-KR\): save it as/],
  [
    'Latin-1',
    Buffer.from('Entrée', 'latin1'),
    /zones\.csv: .* Latin-1 or Windows-1252: save it as/,
  ],
])('names %s and does not guess at letters', (_what, bytes, says) => {
  expect(() => decodeText(bytes, 'zones.csv')).toThrow(says);
});

describe('loadEnvFile', () => {
  const dir = mkdtempSync(join(tmpdir(), 'dotenv-'));
  const file = join(dir, '.env');
  const NAMES = ['TEST_FIRST', 'TEST_SECOND'] as const;
  const settings = 'TEST_FIRST=1\r\nTEST_SECOND=two\r\n';
  beforeEach(() => {
    for (const name of NAMES) delete process.env[name];
  });
  afterAll(() => {
    for (const name of NAMES) delete process.env[name];
    rmSync(dir, { recursive: true });
  });

  it.each([
    ['plain', Buffer.from(settings)],
    ['with a byte order mark', Buffer.from(`\uFEFF${settings}`)],
    ['in UTF-16', utf16(settings)],
  ])('loses no setting of a file %s', (_what, bytes) => {
    writeFileSync(file, bytes);
    loadEnvFile(file);
    expect(NAMES.map((name) => process.env[name])).toEqual(['1', 'two']);
  });

  it('leaves what the environment says, and is content without a file', () => {
    process.env['TEST_FIRST'] = 'mine';
    writeFileSync(file, settings);
    loadEnvFile(file);
    loadEnvFile(join(dir, 'none'));
    expect(NAMES.map((name) => process.env[name])).toEqual(['mine', 'two']);
  });
});
