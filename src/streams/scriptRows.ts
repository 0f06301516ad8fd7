import { either as E } from 'fp-ts';
import { filter, map, pipe } from 'rxjs';
import type { LeftOut, ReadRow, ScriptLine, ScriptRow } from '../model/scriptRow.ts';
import type { Operator } from '../model/shapes.ts';
import { onePerWindow } from '../operators/onePerWindow.ts';
import { splitEither } from '../operators/splitEither.ts';
import { readScriptLine } from '../sources/scriptLines.ts';

const isNews = ({ line }: { readonly line: ScriptLine }): boolean => !line.isSettled;

type Read = E.Either<LeftOut, ScriptRow>;

/** Lines of the script → what is uploaded of them, and what is left out. Lines that are settled say nothing. */
export const scriptRows = (spanMs: number): Operator<ScriptLine, Read> =>
  pipe(
    map(readScriptLine),
    splitEither<LeftOut, ReadRow, Read>(
      pipe(
        filter((one: LeftOut) => isNews(one)),
        map((one) => E.left(one)),
      ),
      pipe(
        onePerWindow(spanMs),
        filter((row) => isNews(row)),
        map((row) => E.right(row)),
      ),
    ),
  );
