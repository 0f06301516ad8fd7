import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { linesOf } from '../../../../src/production/files/lines.ts';

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'lines-'));
});
afterAll(() => rmSync(dir, { recursive: true }));

const fileOf = (text: string): string => {
  const path = join(dir, 'lines.txt');
  writeFileSync(path, text);
  return path;
};

it('yields every line, the unfinished last one too', () => {
  expect([...linesOf(fileOf('a\n\nb'))]).toEqual(['a', '', 'b']);
  expect([...linesOf(fileOf('a\n'))]).toEqual(['a']);
  expect([...linesOf(fileOf(''))]).toEqual([]);
});

it('puts lines and letters together that lie across the pieces it reads', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 262_130, max: 262_150 }),
      fc.constantFrom('é', '한', '🛒'),
      (n, letter) => {
        const lines = ['x'.repeat(n), letter.repeat(90_000), 'end'];
        expect([...linesOf(fileOf(lines.join('\n')))]).toEqual(lines);
      },
    ),
    { numRuns: 20 },
  );
});

it('tells how much it has read, up to the whole file', () => {
  const told: number[] = [];
  const text = `${'x'.repeat(300_000)}\ny\n`;
  expect([...linesOf(fileOf(text), (bytes) => told.push(bytes))]).toHaveLength(2);
  expect(told).toEqual([262_144, text.length]);
});

it('lets go of a file that is not read to its end', () => {
  const open = () => readdirSync('/proc/self/fd').length;
  const before = open();
  for (let i = 0; i < 20; i++)
    for (const line of linesOf(fileOf('a\nb\n'))) if (line === 'a') break;
  expect(open()).toBeLessThan(before + 5);
});
