import { parse } from 'csv-parse/sync';
import { either as E } from 'fp-ts';

const trimmed = (cells: ReadonlyArray<string>): ReadonlyArray<string> =>
  cells.map((cell) => cell.trim());

const quotedCells = (line: string, delimiter: string): E.Either<unknown, ReadonlyArray<string>> =>
  E.tryCatch(
    () => (parse(line, { delimiter, relax_quotes: true, trim: true }) as string[][])[0] ?? [],
    (problem) => problem,
  );

/**
 * The cells of one line of a CSV text, without blanks around them. A quote that nobody closed is a
 * character as any other: names of networks hold whatever people typed.
 */
export const cellsOf = (line: string, delimiter: string): ReadonlyArray<string> => {
  const plain = () => trimmed(line.split(delimiter));
  return line.includes('"') ? E.getOrElse(plain)(quotedCells(line, delimiter)) : plain();
};
