import { either as E } from 'fp-ts';
import * as t from 'io-ts';
import { explain, refine } from '../../supabase/functions/_shared/codec.ts';
import { RssiReadings } from '../../supabase/functions/_shared/contract.ts';
import { parseJson } from '../model/json.ts';
import { isNonPhone, PhoneId } from '../model/phoneId.ts';
import type { LeftOut, ReadRow, ScriptLine } from '../model/scriptRow.ts';
import { UnixSeconds } from '../model/time.ts';
import type { UploadItem } from '../model/upload.ts';

type Fields = Readonly<Record<string, unknown>>;
type Decoded = E.Either<string, UploadItem>;

const ZoneNumber = refine('ZoneNumber', t.number, Number.isInteger, 'must be the number of a zone');
const Metres = refine(
  "metres (null: the script's zones.csv lacks the zone)",
  t.number,
  (m) => Math.abs(m) <= 10_000,
  'must be metres within 10 km',
);

const AssignmentLine = t.type({
  ts: UnixSeconds,
  phone_id: PhoneId,
  zone_id: ZoneNumber,
  x: Metres,
  y: Metres,
  vector: RssiReadings,
});
const DwellLine = t.type({
  phone_id: PhoneId,
  zone_id: ZoneNumber,
  enter_ts: UnixSeconds,
  exit_ts: UnixSeconds,
});

export const OURS = 'written by this pipeline, which uploads it itself';
const NO_PHONE = 'an address that no phone has';
const BACKWARDS = 'a stay that ends before it begins';
const TOO_LONG = 'a stay of more than two days';
const LONGEST_STAY_SECONDS = 2 * 86_400;

/** What is wrong, without the values, which may be a phone's address. */
const kindOf = (errors: t.Errors): string =>
  [...new Set(explain(errors).map((reason) => reason.replace(/, got .*$/s, '')))].join('; ');

const fieldsOf = (text: string): Fields | undefined => {
  const value = parseJson(text.replace(/^\uFEFF/, ''));
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Fields)
    : undefined;
};

/** Only the script says to which session it counts a phone, and whose clock it goes by. */
const isOurAssignment = (fields: Fields): boolean =>
  !('session_id' in fields) && !('timebase' in fields);

const isOurDwell = (fields: Fields): boolean =>
  !('session_id' in fields) && 'dwell_seconds' in fields;

/** `confidence` and `margin` are scores of the script's own and no probabilities: they stay behind. */
const readAssignment = (fields: Fields): Decoded => {
  const decoded = AssignmentLine.decode(fields);
  if (E.isLeft(decoded)) return E.left(kindOf(decoded.left));
  const { ts, phone_id, zone_id, x, y, vector } = decoded.right;
  return isNonPhone(phone_id)
    ? E.left(NO_PHONE)
    : E.right({ _tag: 'Assignment', value: { ts, phone_id, zone_id, x, y, vector } });
};

/** A stay is as long as from its beginning to its end, whatever `dwell_sec` was rounded to. */
const readDwell = (fields: Fields): Decoded => {
  const decoded = DwellLine.decode(fields);
  if (E.isLeft(decoded)) return E.left(kindOf(decoded.left));
  const { phone_id, zone_id, enter_ts, exit_ts } = decoded.right;
  const dwell_seconds = exit_ts - enter_ts;
  if (isNonPhone(phone_id)) return E.left(NO_PHONE);
  if (dwell_seconds < 0) return E.left(BACKWARDS);
  if (dwell_seconds > LONGEST_STAY_SECONDS) return E.left(TOO_LONG);
  return E.right({ _tag: 'Dwell', value: { phone_id, zone_id, enter_ts, exit_ts, dwell_seconds } });
};

const read = ({ file, text }: ScriptLine): Decoded => {
  const fields = fieldsOf(text);
  if (fields === undefined) return E.left('not a JSON object');
  if (file === 'dwells') return isOurDwell(fields) ? E.left(OURS) : readDwell(fields);
  return isOurAssignment(fields) ? E.left(OURS) : readAssignment(fields);
};

/**
 * Reads a line of the script's zone_assignments.jsonl or dwells.jsonl. Left: why nothing of it is
 * uploaded, in words that are the same for all lines of the kind. `session_id` is left behind: it
 * joins addresses that mostly belong to different people. Never throws.
 */
export const readScriptLine = (line: ScriptLine): E.Either<LeftOut, ReadRow> => {
  const decoded = read(line);
  return E.isRight(decoded)
    ? E.right({ item: decoded.right, line })
    : E.left({ kind: decoded.left, line });
};
