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

export const Metres = inCell(
  'Metres',
  (cell) => (cell !== '' && Math.abs(Number(cell)) <= 10_000 ? Number(cell) : undefined),
  'must be a number of metres within 10 km',
);
export const Decibels = inCell(
  'Decibels',
  (cell) => (cell !== '' && Math.abs(Number(cell)) <= 40 ? Number(cell) : undefined),
  'must be −40…40 dB',
);
export const ZoneId = inCell(
  'ZoneId',
  (cell) => (/^[1-9]\d{0,8}$/.test(cell) ? Number(cell) : undefined),
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

interface Line {
  readonly record: unknown;
  readonly info: { readonly lines: number };
}

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
  let lines: ReadonlyArray<Line>;
  try {
    lines = parse(text, {
      columns: true,
      bom: true,
      trim: true,
      skip_empty_lines: true,
      info: true,
    });
  } catch (problem) {
    return E.left([`${file}: ${problem instanceof Error ? problem.message : String(problem)}`]);
  }
  const problems: string[] = [];
  const firstLine = new Map<string | number, number>();
  const items: A[] = [];
  for (const { record, info } of lines) {
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
  if (lines.length === 0) problems.push(`${file}: holds no rows`);
  return problems.length > 0 ? E.left(problems) : E.right(items);
};
