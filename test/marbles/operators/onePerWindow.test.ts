import fc from 'fast-check';
import { either as E } from 'fp-ts';
import { from, lastValueFrom, toArray } from 'rxjs';
import type { ReadRow, ScriptLine, ScriptRow } from '../../../src/model/scriptRow.ts';
import { onePerWindow } from '../../../src/operators/onePerWindow.ts';
import { readScriptLine } from '../../../src/sources/scriptLines.ts';
import { marbles } from '../../support/marbles.ts';
import { OTHER_PHONE } from '../../support/readings.ts';
import { scriptAssignment, scriptDwell, scriptLines } from '../../support/scriptLines.ts';

const SPAN_MS = 5_000;

const rowsOf = (lines: ReadonlyArray<ScriptLine>): ReadonlyArray<ReadRow> =>
  lines.map((line) => {
    const row = readScriptLine(line);
    if (E.isLeft(row)) throw new Error(row.left.kind);
    return row.right;
  });
const thinned = (rows: ReadonlyArray<ReadRow>): Promise<ReadonlyArray<ScriptRow>> =>
  lastValueFrom(from(rows).pipe(onePerWindow(SPAN_MS), toArray()));

const [a, b, c, d] = rowsOf(
  scriptLines([
    scriptAssignment(1_000.5),
    scriptAssignment(1_000.9, { zone_id: 9 }),
    scriptAssignment(1_004.9, { phone_id: OTHER_PHONE }),
    scriptAssignment(1_005),
  ]),
) as [ReadRow, ReadRow, ReadRow, ReadRow];
const [dwell] = rowsOf(scriptLines([scriptDwell(990, 1_001)], { file: 'dwells' })) as [ReadRow];

describe('onePerWindow', () => {
  it(
    'lets the first of each phone and window pass, at once',
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('a-b-c-d-|', { a, b, c, d });
      const subs = '       ^-------!';
      const expected = '   a---c-d-|';
      const since = a.line;
      const values = { a: { ...a, since }, c: { ...c, since }, d: { ...d, since } };

      expectObservable(source.pipe(onePerWindow(SPAN_MS))).toBe(expected, values);
      expectSubscriptions(source.subscriptions).toBe(subs);
    }),
  );

  it(
    'lets dwells pass, all of them',
    marbles(({ cold, expectObservable }) => {
      const source = cold('a-x-x-|', { a, x: dwell });
      const expected = '   a-x-x-|';
      const values = { a: { ...a, since: a.line }, x: { ...dwell, since: dwell.line } };

      expectObservable(source.pipe(onePerWindow(SPAN_MS))).toBe(expected, values);
    }),
  );

  it(
    'passes emptiness, errors and silence on',
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      expectObservable(cold<ReadRow>('--|').pipe(onePerWindow(SPAN_MS))).toBe('--|');
      expectObservable(cold<ReadRow>('--#').pipe(onePerWindow(SPAN_MS))).toBe('--#');
      const silent = cold<ReadRow>('---');
      expectObservable(silent.pipe(onePerWindow(SPAN_MS)), '^--!').toBe('----');
      expectSubscriptions(silent.subscriptions).toBe('      ^--!');
    }),
  );

  it(
    'begins anew for each subscriber',
    marbles(({ cold, expectObservable }) => {
      const thin$ = cold('(ab|)', { a, b }).pipe(onePerWindow(SPAN_MS));
      const values = { a: { ...a, since: a.line } };
      expectObservable(thin$).toBe('a|'.replace('a|', '(a|)'), values);
      expectObservable(thin$).toBe('(a|)', values);
    }),
  );

  it('leaves a line out that comes late, as long as its window is remembered', async () => {
    const late = [1_000, 1_005, 1_030, 1_001, 1_006].map((ts) => scriptAssignment(ts));
    expect(await thinned(rowsOf(scriptLines(late)))).toHaveLength(3);
  });

  it('remembers twelve windows, those begun last', async () => {
    const lines = (windows: number) =>
      [...Array.from({ length: windows }, (_, n) => 1_000 + 5 * n), 1_001].map((ts) =>
        scriptAssignment(ts),
      );
    // The last line is of the first window: one of the twelve, and of thirteen the one forgotten.
    expect(await thinned(rowsOf(scriptLines(lines(12))))).toHaveLength(12);
    expect(await thinned(rowsOf(scriptLines(lines(13))))).toHaveLength(14);
  });

  it('takes what follows on a clock that was set back: nothing of it is lost', async () => {
    const windows = (from: number) => Array.from({ length: 30 }, (_, n) => from + 5 * n);
    const jumped = [...windows(10_000), ...windows(5_000)].map((ts) => scriptAssignment(ts));
    expect(await thinned(rowsOf(scriptLines(jumped)))).toHaveLength(60);
  });

  it('makes the same of what stands behind a row, whoever begins at its `since`', async () => {
    const line = fc.record({
      step: fc.constantFrom(0, 0.4, 0.4, 0.4, 3, 7, 60),
      phone_id: fc.constantFrom('02:00:00:00:00:01', '02:00:00:00:00:02', '02:00:00:00:00:03'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 80 }), fc.nat(), async (steps, where) => {
        let ts = 1_000;
        const texts = steps.map(({ step, phone_id }) => {
          ts += step;
          return scriptAssignment(ts, { phone_id });
        });
        const rows = rowsOf(scriptLines(texts));
        const whole = await thinned(rows);
        const at = whole[where % Math.max(whole.length, 1)];
        if (at === undefined) return;
        const again = await thinned(rows.slice(at.since.number - 1));
        const behind = (all: ReadonlyArray<ScriptRow>) =>
          all.filter((row) => row.line.number > at.line.number).map((row) => row.line.number);
        expect(behind(again)).toEqual(behind(whole));
      }),
      { numRuns: 300 },
    );
  });
});
