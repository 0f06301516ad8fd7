import { either as E } from 'fp-ts';
import * as t from 'io-ts';
import { parseJson } from './json.ts';
import { Mac } from './mac.ts';
import { inCell, Metres, orElse, readTable, ZoneId } from './table.ts';

/**
 * Where a phone really was at `ts` (Unix seconds): metres and zone, null on the street. Without a
 * `phone_id` it is true of every phone in the recording.
 */
export const GroundTruth = t.intersection(
  [
    t.strict({
      ts: t.number,
      x: t.number,
      y: t.number,
      zone_id: t.union([t.number, t.null]),
    }),
    t.exact(t.partial({ phone_id: t.string })),
  ],
  'GroundTruth',
);
export type GroundTruth = t.TypeOf<typeof GroundTruth>;

const Seconds = inCell(
  'Seconds',
  (cell) => (Number(cell) > 0 ? Number(cell) : undefined),
  'must be Unix seconds',
);
const Row = t.strict({
  ts: Seconds,
  x: Metres,
  y: Metres,
  zone_id: ZoneId,
  phone_id: orElse<string>(Mac as t.Type<string, string, unknown>, ''),
});

/** Reads a CSV table `ts,x,y,zone_id` with an optional `phone_id`. Left: problems by line. */
export const readGroundTruth = (
  text: string,
  file: string,
): E.Either<ReadonlyArray<string>, ReadonlyArray<GroundTruth>> =>
  E.Functor.map(readTable(file, text, Row), (rows) =>
    rows.map(({ phone_id, ...place }) => (phone_id === '' ? place : { ...place, phone_id })),
  );

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
