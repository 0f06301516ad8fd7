import { either as E } from 'fp-ts';
import * as t from 'io-ts';
import { parseJson } from './json.ts';
import { Mac } from './mac.ts';
import { inCell, Metres, orElse, readTable, ZoneId } from './table.ts';
import { UnixSeconds } from './time.ts';

/**
 * Where a phone really was at `ts` (Unix seconds): metres and zone. `zone_id` is null on the street,
 * and absent where it is simply the zone with the nearest centre. Without a `phone_id` the record is
 * true of every phone in the recording.
 */
export const GroundTruth = t.intersection(
  [
    t.strict({ ts: t.number, x: t.number, y: t.number }),
    t.exact(t.partial({ zone_id: t.union([t.number, t.null]), phone_id: t.string })),
  ],
  'GroundTruth',
);
export type GroundTruth = t.TypeOf<typeof GroundTruth>;

const Seconds = inCell(
  'Seconds',
  (cell) => {
    const decoded = UnixSeconds.decode(Number(cell));
    return E.isRight(decoded) ? decoded.right : undefined;
  },
  'must be Unix seconds (or milliseconds)',
);
/** As readings write it where it is an address, and as it stands otherwise. */
const PhoneId = inCell(
  'PhoneId',
  (cell) => E.getOrElse(() => cell)(Mac.decode(cell)),
  'must be a text',
);
const Row = t.strict({
  ts: Seconds,
  x: Metres,
  y: Metres,
  zone_id: orElse<number | null>(ZoneId as t.Type<number | null, string, unknown>, null),
  phone_id: orElse<string>(PhoneId, ''),
});

/**
 * Reads a CSV table `ts,x,y` with optional `zone_id` and `phone_id`; other columns are left alone,
 * so that a recording that carries its own truth can be given. Left: problems by line.
 */
export const readGroundTruth = (
  text: string,
  file: string,
): E.Either<ReadonlyArray<string>, ReadonlyArray<GroundTruth>> =>
  E.Functor.map(readTable(file, text, Row), (rows) =>
    rows.map(({ phone_id, zone_id, ...place }) => ({
      ...place,
      ...(zone_id !== null && { zone_id }),
      ...(phone_id !== '' && { phone_id }),
    })),
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
