import {
  appendFileSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FileCursor, knownLine } from '../../../src/commands/import/importCursor.ts';
import { type SourceFile, sourceFile } from '../../../src/commands/import/sourceFile.ts';
import type { ScriptLine } from '../../../src/model/scriptRow.ts';
import type { PipelineEvent } from '../../../src/model/shapes.ts';

let dir: string;
let logged: PipelineEvent[];
const path = () => join(dir, 'dwells.jsonl');
const append = (...lines: ReadonlyArray<string>) => appendFileSync(path(), lines.join(''));
const open = (cursor?: FileCursor): SourceFile =>
  sourceFile(dir, 'dwells', cursor, (event) => logged.push(event));
const texts = (lines: ReadonlyArray<ScriptLine>) => lines.map(({ text }) => text);
const events = () => logged.map(({ event }) => event);

/** The cursor behind a line, with everything from the first line on to be read again. */
const behind = (line: ScriptLine | undefined): FileCursor => {
  if (line === undefined) throw new Error('no line');
  return { settled: knownLine(line), since: { number: 1, begins: 0 } };
};

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'source-'));
  logged = [];
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

describe('sourceFile', () => {
  it('gives whole lines once, in pieces of the size that is asked for, and waits for a torn one', () => {
    append('one\n', 'two\n', 'thr');
    const file = open();
    expect(texts(file.read(1))).toEqual(['one']);
    expect(texts(file.read(9))).toEqual(['two']);
    expect(file.read(9)).toEqual([]);
    append('ee\n', 'four\n');
    expect(file.read(9)).toMatchObject([
      { text: 'three', number: 3, begins: 8, ends: 14, isSettled: false },
      { text: 'four', number: 4, begins: 14, ends: 19, isSettled: false },
    ]);
    expect(logged).toEqual([]);
  });

  it('waits for a file that is not there yet', () => {
    const file = open();
    expect(file.read(9)).toEqual([]);
    append('one\n');
    expect(texts(file.read(9))).toEqual(['one']);
  });

  it('goes on where an earlier run ended, and says what that was done with', () => {
    append('one\n', 'two\n', 'three\n');
    const cursor = behind(open().read(9)[1]);
    expect(
      open(cursor)
        .read(9)
        .map(({ text, isSettled }) => [text, isSettled]),
    ).toEqual([
      ['one', true],
      ['two', true],
      ['three', false],
    ]);
  });

  it('reads what was appended before a rotation first, then the new file', () => {
    append('one\n', 'two\n');
    const file = open();
    expect(file.read(9)).toHaveLength(2);
    append('three\n');
    renameSync(path(), `${path()}.1`);
    append('four\n');
    expect(texts([...file.read(9), ...file.read(9)])).toEqual(['three', 'four']);
    expect(logged).toMatchObject([{ event: 'source file begun anew', file: 'dwells.jsonl' }]);
    expect(logged[0]).not.toHaveProperty('advice');
  });

  it('reads what was rotated twice while nothing ran, oldest first', () => {
    append('one\n');
    const cursor = behind(open().read(9)[0]);
    append('two\n');
    renameSync(path(), `${path()}.1`);
    append('three\n', 'four\n');
    renameSync(`${path()}.1`, `${path()}.2`);
    renameSync(path(), `${path()}.1`);
    append('five\n');
    [3, 2, 1].forEach((age) => {
      const one = age === 1 ? path() : `${path()}.${age - 1}`;
      utimesSync(one, 1_700_000_000 - age, 1_700_000_000 - age);
    });
    const file = open(cursor);
    const read = Array.from({ length: 8 }, () => file.read(1)).flat();
    expect(texts(read.filter(({ isSettled }) => !isSettled))).toEqual([
      'two',
      'three',
      'four',
      'five',
    ]);
  });

  it('does so after a rotation while nothing ran, too', () => {
    append('one\n', 'two\n');
    const cursor = behind(open().read(9)[1]);
    append('three\n');
    renameSync(path(), `${path()}.1`);
    append('four\n');
    const file = open(cursor);
    expect(
      [...file.read(9), ...file.read(9)].map(({ text, isSettled }) => [text, isSettled]),
    ).toEqual([
      ['one', true],
      ['two', true],
      ['three', false],
      ['four', false],
    ]);
  });

  it.each([
    ['was cut off', () => truncateSync(path(), 0)],
    ['was written anew', () => writeFileSync(path(), '')],
    ['was deleted and made again', () => unlinkSync(path())],
  ])('begins with the first line and says so where the file %s', (_what, change) => {
    append('one\n', 'two\n');
    const file = open();
    file.read(9);
    change();
    append('other\n', 'lines\n', 'more\n');
    expect(texts(file.read(9))).toEqual(['other', 'lines', 'more']);
    expect(logged).toMatchObject([
      {
        event: 'source file begun anew',
        readTo: 2,
        advice: expect.stringMatching(/import the folder/),
      },
    ]);
  });

  it('knows a copy of the same lines again, whatever its inode', () => {
    append('one\n', 'two\n');
    const cursor = behind(open().read(9)[1]);
    const content = readFileSync(path());
    unlinkSync(path());
    writeFileSync(path(), content);
    append('three\n');
    const lines = open(cursor).read(9);
    expect(texts(lines.filter(({ isSettled }) => !isSettled))).toEqual(['three']);
    expect(logged).toEqual([]);
  });

  it('says once that the file is gone, and goes on when it is back', () => {
    append('one\n');
    const file = open();
    file.read(9);
    const content = readFileSync(path());
    unlinkSync(path());
    expect([file.read(9), file.read(9)]).toEqual([[], []]);
    expect(events()).toEqual(['source file is gone']);
    writeFileSync(path(), content);
    append('two\n');
    expect(texts(file.read(9))).toEqual(['two']);
  });

  it('changes nothing of the file', () => {
    append('one\n', 'tw');
    const before = statSync(path());
    open().read(9);
    const { mtimeMs, size, mode } = statSync(path());
    expect([mtimeMs, size, mode]).toEqual([before.mtimeMs, before.size, before.mode]);
  });
});
