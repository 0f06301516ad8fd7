import { either as E } from 'fp-ts';
import * as t from 'io-ts';
import { explain } from '../../supabase/functions/_shared/codec.ts';
import { parseJson } from './json.ts';
import { phoneIdOf } from './phoneId.ts';
import { inCell, type Line, Metres, numberIn, orElse, readLines, ZoneId } from './table.ts';
import { UnixSeconds } from './time.ts';

/**
 * Where a phone really was at `ts` (Unix seconds): metres where they are known, and zone. `zone_id`
 * is null on the street, and absent where it is simply the zone with the nearest centre. Without a
 * `phone_id` the record is true of every phone in the recording.
 */
export const GroundTruth = t.intersection(
  [
    t.strict({ ts: t.number }),
    t.exact(
      t.partial({
        x: t.number,
        y: t.number,
        zone_id: t.union([t.number, t.null]),
        phone_id: t.string,
      }),
    ),
  ],
  'GroundTruth',
);
export type GroundTruth = t.TypeOf<typeof GroundTruth>;

/** What other tables call a column, in lower case. */
const ALIASES: Readonly<Record<string, string>> = {
  timestamp: 'ts',
  time: 'ts',
  unix_time: 'ts',
  t: 'ts',
  x_m: 'x',
  true_x: 'x',
  x_true: 'x',
  y_m: 'y',
  true_y: 'y',
  y_true: 'y',
  zone: 'zone_id',
  true_zone: 'zone_id',
  zone_true: 'zone_id',
  phone: 'phone_id',
  mac: 'phone_id',
};

/** Beside estimates, the truth is what says so of itself. */
const SAYS_SO = /^true_|_true$/;

const usualName = (name: string): string => ALIASES[name] ?? name;

const rank = (name: string): number => {
  if (SAYS_SO.test(name)) return 0;
  return name === usualName(name) ? 1 : 2;
};

/** Of several columns that mean the same, one gets the usual name. */
const usualNames = (names: ReadonlyArray<string>): string[] => {
  const lower = names.map((name) => name.toLowerCase());
  const byRank = [...lower.keys()].sort((a, b) => rank(lower[a] ?? '') - rank(lower[b] ?? ''));
  const chosen = new Map<string, number>();
  for (const at of byRank) {
    const usual = usualName(lower[at] ?? '');
    if (!chosen.has(usual)) chosen.set(usual, at);
  }
  return lower.map((name, at) =>
    chosen.get(usualName(name)) === at ? usualName(name) : `other ${name} ${at}`,
  );
};

/** ISO 8601 with its offset: a time of nowhere in particular says nothing. */
const INSTANT = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:?\d{2})$/;

const Seconds = inCell(
  'Seconds',
  (cell) => {
    const decoded = UnixSeconds.decode(INSTANT.test(cell) ? Date.parse(cell) : numberIn(cell));
    return E.isRight(decoded) ? decoded.right : undefined;
  },
  'must be Unix seconds (or milliseconds)',
);
const PhoneId = inCell('PhoneId', phoneIdOf, 'must be a text');

const orNull = <A>(codec: t.Type<A, string, unknown>) =>
  orElse<A | null>(codec as t.Type<A | null, string, unknown>, null);
const Row = t.strict({
  ts: Seconds,
  x: orNull(Metres),
  y: orNull(Metres),
  zone_id: orNull(ZoneId),
  phone_id: orElse<string>(PhoneId, ''),
});

/** A row that says neither place nor zone (nobody looked) is no record. */
const recordOf = ({
  ts,
  x,
  y,
  zone_id,
  phone_id,
}: t.TypeOf<typeof Row>): ReadonlyArray<GroundTruth> =>
  (x === null || y === null) && zone_id === null
    ? []
    : [
        {
          ts,
          ...(x !== null && y !== null && { x, y }),
          ...(zone_id !== null && { zone_id }),
          ...(phone_id !== '' && { phone_id }),
        },
      ];

const columnProblems = (file: string, { record }: Line): ReadonlyArray<string> =>
  [
    'ts' in record ? [] : ['ts (Unix seconds)'],
    ('x' in record && 'y' in record) || 'zone_id' in record ? [] : ['x and y (metres), or zone_id'],
  ].flatMap((names) => names.map((name) => `${file}: needs the column ${name}`));

/**
 * Reads a CSV table `ts,x,y` or `ts,zone_id` or both, with or without `phone_id`, under these or
 * their usual other names; other columns are left alone, so that a recording that carries its own
 * truth can be given. Left: problems by line, and what is missing altogether.
 */
export const readGroundTruth = (
  text: string,
  file: string,
): E.Either<ReadonlyArray<string>, ReadonlyArray<GroundTruth>> => {
  const lines = readLines(file, text, usualNames);
  if (E.isLeft(lines)) return lines;
  const missing = lines.right.slice(0, 1).flatMap((line) => columnProblems(file, line));
  if (missing.length > 0) return E.left(missing);
  const rows = lines.right.map(({ record, info }) => ({ row: Row.decode(record), info }));
  const problems = rows.flatMap(({ row, info }) =>
    E.isLeft(row) ? explain(row.left).map((why) => `${file} line ${info.lines}: ${why}`) : [],
  );
  if (problems.length > 0) return E.left(problems);
  const records = rows.flatMap(({ row }) => (E.isRight(row) ? recordOf(row.right) : []));
  return records.length > 0 ? E.right(records) : E.left([`${file}: no row says a place or a zone`]);
};

/** Reads one JSON object a line, as the simulated shop writes them. Left: problems by line. */
export const readGroundTruthLines = (
  lines: ReadonlyArray<string>,
  file: string,
): E.Either<ReadonlyArray<string>, ReadonlyArray<GroundTruth>> => {
  const decoded = lines.map((line) => GroundTruth.decode(parseJson(line)));
  const problems = decoded.flatMap((one, index) =>
    E.isLeft(one) ? [`${file} line ${index + 1}: is not a record of where a phone was`] : [],
  );
  return problems.length > 0
    ? E.left(problems)
    : E.right(decoded.flatMap((one) => (E.isRight(one) ? [one.right] : [])));
};
