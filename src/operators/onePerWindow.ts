import { concatMap, defer } from 'rxjs';
import type { ReadRow, ScriptLine, ScriptRow } from '../model/scriptRow.ts';
import type { Operator } from '../model/shapes.ts';
import { windowStart } from '../model/time.ts';

interface Window {
  readonly begunBy: ScriptLine;
  readonly phones: Set<string>;
}

/** Of so many windows, those begun last, it is known which phones they had: a minute of lateness. */
const WINDOWS = 12;

/**
 * Of what one phone was said to do in one window, aligned to the clock, the first; dwells pass. The
 * first and not the last or the most frequent: nothing that is written later changes it, so it goes
 * out at once, and it is the same however often, in what pieces and up to where the lines are read.
 * Order alone decides, no clock. Bounded: a line from before the windows that are known begins its
 * window anew.
 */
export const onePerWindow =
  (spanMs: number): Operator<ReadRow, ScriptRow> =>
  (rows$) =>
    defer(() => {
      const windows = new Map<number, Window>();
      const oldest = (): Window | undefined => windows.values().next().value;

      const windowOf = (ts: number, line: ScriptLine): Window => {
        const start = windowStart(ts, spanMs);
        const window = windows.get(start) ?? { begunBy: line, phones: new Set() };
        windows.set(start, window);
        const [first] = windows.keys();
        if (windows.size > WINDOWS && first !== undefined) windows.delete(first);
        return window;
      };
      const thin = ({ item, line }: ReadRow): ReadonlyArray<ScriptRow> => {
        if (item._tag === 'Dwell') return [{ item, line, since: line }];
        const { phones } = windowOf(item.value.ts, line);
        if (phones.has(item.value.phone_id)) return [];
        phones.add(item.value.phone_id);
        return [{ item, line, since: oldest()?.begunBy ?? line }];
      };
      return rows$.pipe(concatMap(thin));
    });
