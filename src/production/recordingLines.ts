import { cellsOf } from '../model/cells.ts';
import { delimiterOf, numberIn } from '../model/table.ts';
import { instantOf } from '../model/time.ts';
import { linesOf } from './files/lines.ts';

/** The phone of a table that names none. */
export const UNNAMED_PHONE = 'id:unnamed';

const NEEDED = ['ts', 'sensor_id', 'rssi'];

interface Columns {
  readonly delimiter: string;
  readonly names: ReadonlyArray<string>;
}

/** A cell that is no number stays a text, for the decoder to name. */
const valueIn = (cell: string | undefined): number | string | undefined => numberIn(cell) ?? cell;

const ISO = /^\d{4}-\d\d-\d\d[T ]/;

/** Unix seconds, or an instant in ISO 8601. */
const timeIn = (cell: string | undefined): number | string | undefined =>
  cell !== undefined && ISO.test(cell) ? instantOf(cell) || cell : valueIn(cell);

const toMessage = ({ delimiter, names }: Columns, line: string): string => {
  const cells = cellsOf(line, delimiter);
  // Which cell is which nobody knows then: the line is rejected, as it is.
  if (cells.length > names.length) return line;
  const cell = (name: string): string | undefined => cells[names.indexOf(name)];
  return JSON.stringify({
    sensor_id: cell('sensor_id'),
    phone_id: names.includes('phone_id') ? cell('phone_id') : UNNAMED_PHONE,
    rssi: valueIn(cell('rssi')),
    ts: timeIn(cell('ts')),
    ...(names.includes('received_at') && { received_at: timeIn(cell('received_at')) }),
  });
};

const columnsOf = (path: string, header: string): Columns => {
  const delimiter = delimiterOf(header);
  const names = cellsOf(header.replace(/^\uFEFF/, ''), delimiter).map((name) => name.toLowerCase());
  const missing = NEEDED.filter((name) => !names.includes(name));
  if (missing.length > 0)
    throw new Error(
      `${path}: is neither JSON, one message a line, nor a CSV table with the columns ` +
        `${NEEDED.join(', ')} (missing: ${missing.join(', ')})`,
    );
  return { delimiter, names };
};

/**
 * A recording as native messages, one a line: as it is where it is JSON, and row by row where it is
 * a CSV table `ts,sensor_id,rssi` with or without `phone_id` and `received_at`; further columns are left
 * alone. Commas, semicolons or tabs stand between cells; times may be in ISO 8601.
 * @throws Error where it is neither
 */
export function* recordingLines(path: string, onRead?: (bytes: number) => void) {
  let columns: Columns | undefined;
  let isJson: boolean | undefined;
  for (const line of linesOf(path, onRead)) {
    if (line.trim() === '') continue;
    if (/[\uFFFD\0]/.test(line))
      throw new Error(`${path}: is not in UTF-8; save it so ("CSV UTF-8" in a spreadsheet)`);
    isJson ??= /^\s*[[{]/.test(line);
    if (isJson) yield line;
    else if (columns === undefined) columns = columnsOf(path, line);
    else yield toMessage(columns, line);
  }
}
