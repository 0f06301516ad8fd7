import { parse } from 'csv-parse/sync';
import { either as E } from 'fp-ts';
import * as t from 'io-ts';
import { explain } from '../../supabase/functions/_shared/codec.ts';

/** A codec for the text of one cell; what `read` gives undefined for is refused with `message`. */
export const inCell = <A>(name: string, read: (cell: string) => A | undefined, message: string) =>
  new t.Type<A, string, unknown>(
    name,
    (_value): _value is A => true,
    (input, context) => {
      const value = typeof input === 'string' ? read(input) : undefined;
      return value === undefined ? t.failure(input, context, message) : t.success(value);
    },
    String,
  );

/** Where the comma stands for the decimal point, as spreadsheets of half of Europe have it. */
const DECIMAL_COMMA = /^([+-]?\d+),(\d+)$/;

/** The number in a cell, with a decimal point or comma; undefined where there is none. */
export const numberIn = (cell: string | undefined): number | undefined => {
  const number = Number(cell?.replace(DECIMAL_COMMA, '$1.$2'));
  return cell === undefined || cell.trim() === '' || !Number.isFinite(number) ? undefined : number;
};

const within = (most: number, value: number | undefined): number | undefined =>
  value !== undefined && Math.abs(value) <= most ? value : undefined;

export const Metres = inCell(
  'Metres',
  (cell) => within(10_000, numberIn(cell)),
  'must be a number of metres within 10 km',
);
export const Decibels = inCell(
  'Decibels',
  (cell) => within(40, numberIn(cell)),
  'must be −40…40 dB',
);
export const ZoneId = inCell(
  'ZoneId',
  // Tables that had a gap once write whole numbers as 7.0.
  (cell) => (/^[1-9]\d{0,8}(\.0+)?$/.test(cell) ? Number(cell) : undefined),
  'must be a whole number from 1',
);
/** An empty or missing cell counts as `absent`. */
export const orElse = <A>(codec: t.Type<A, string, unknown>, absent: A) =>
  new t.Type<A, string, unknown>(
    codec.name,
    codec.is,
    (input, context) =>
      input === undefined || input === '' ? t.success(absent) : codec.validate(input, context),
    codec.encode,
  );

/** An empty or missing cell counts as unknown. */
export const orNone = <A>(codec: t.Type<A, string, unknown>) =>
  new t.Type<A | undefined, string, unknown>(
    codec.name,
    (value): value is A | undefined => value === undefined || codec.is(value),
    (input, context) =>
      input === undefined || input === '' ? t.success(undefined) : codec.validate(input, context),
    (value) => (value === undefined ? '' : codec.encode(value)),
  );

const whyNot = (problem: unknown): string => {
  const said = problem instanceof Error ? problem.message : String(problem);
  return said.startsWith('Invalid Record Length')
    ? `${said}; a comma within a cell, a decimal one too, wants quotes around the cell, or semicolons between cells`
    : said;
};

/** A row by column name, and where it stands. */
export interface Line {
  readonly record: Readonly<Record<string, string>>;
  readonly info: { readonly lines: number };
}

const lowerCase = (header: ReadonlyArray<string>): string[] =>
  header.map((name) => name.toLowerCase());

/** What stands between the cells, by the header: no column is called by it. */
export const delimiterOf = (header: string): ',' | ';' | '\t' => {
  if (header.includes(';')) return ';';
  return header.includes('\t') && !header.includes(',') ? '\t' : ',';
};

/**
 * The rows of a CSV text with a header line; `header` may rename columns. Commas, semicolons or tabs
 * stand between cells. Left: what is wrong with it, a file without rows included.
 */
export const readLines = (
  file: string,
  text: string,
  header: (names: ReadonlyArray<string>) => string[] = lowerCase,
): E.Either<ReadonlyArray<string>, ReadonlyArray<Line>> => {
  try {
    const lines: ReadonlyArray<Line> = parse(text, {
      columns: (names: string[]) => header(names.map((name) => name.trim())),
      delimiter: delimiterOf(/^\s*(.*)/.exec(text)?.[1] ?? ''),
      bom: true,
      trim: true,
      skip_empty_lines: true,
      info: true,
    });
    return lines.length === 0 ? E.left([`${file}: holds no rows`]) : E.right(lines);
  } catch (problem) {
    return E.left([`${file}: ${whyNot(problem)}`]);
  }
};

/**
 * Reads a CSV table with a header line. Left: every problem, each with its line number. `key` names
 * what may stand in the table once only.
 */
export const readTable = <A>(
  file: string,
  text: string,
  row: t.Type<A, unknown, unknown>,
  key: (item: A) => string | number | undefined = () => undefined,
): E.Either<ReadonlyArray<string>, ReadonlyArray<A>> => {
  const lines = readLines(file, text);
  if (E.isLeft(lines)) return lines;
  const problems: string[] = [];
  const firstLine = new Map<string | number, number>();
  const items: A[] = [];
  for (const { record, info } of lines.right) {
    const decoded = row.decode(record);
    if (E.isLeft(decoded)) {
      problems.push(...explain(decoded.left).map((why) => `${file} line ${info.lines}: ${why}`));
      continue;
    }
    const id = key(decoded.right);
    const before = id === undefined ? undefined : firstLine.get(id);
    if (before !== undefined)
      problems.push(`${file} line ${info.lines}: ${id} is already on line ${before}`);
    if (id !== undefined) firstLine.set(id, info.lines);
    items.push(decoded.right);
  }
  return problems.length > 0 ? E.left(problems) : E.right(items);
};
