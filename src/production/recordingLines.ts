import { linesOf } from './files/lines.ts';

/** The phone of a table that names none. */
export const UNNAMED_PHONE = 'id:unnamed';

const NEEDED = ['ts', 'sensor_id', 'rssi'];

const cellsOf = (line: string): string[] =>
  line.split(',').map((cell) => cell.trim().replace(/^"(.*)"$/, '$1'));

/** A cell that is no number stays a text, for the decoder to name. */
const numberIn = (cell: string | undefined): number | string | undefined =>
  cell === undefined || cell === '' || Number.isNaN(Number(cell)) ? cell : Number(cell);

const toMessage = (columns: ReadonlyArray<string>, line: string): string => {
  const cells = cellsOf(line);
  const cell = (name: string): string | undefined => cells[columns.indexOf(name)];
  return JSON.stringify({
    sensor_id: cell('sensor_id'),
    phone_id: columns.includes('phone_id') ? cell('phone_id') : UNNAMED_PHONE,
    rssi: numberIn(cell('rssi')),
    ts: numberIn(cell('ts')),
    ...(columns.includes('received_at') && { received_at: numberIn(cell('received_at')) }),
  });
};

const columnsOf = (path: string, header: string): ReadonlyArray<string> => {
  const columns = cellsOf(header.replace(/^\uFEFF/, '')).map((name) => name.toLowerCase());
  const missing = NEEDED.filter((name) => !columns.includes(name));
  if (missing.length > 0)
    throw new Error(
      `${path}: is neither JSON, one message a line, nor a CSV table with the columns ` +
        `${NEEDED.join(', ')} (missing: ${missing.join(', ')})`,
    );
  return columns;
};

/**
 * A recording as native messages, one a line: as it is where it is JSON, and row by row where it is
 * a CSV table `ts,sensor_id,rssi` with or without `phone_id` and `received_at`; further columns are left alone.
 * @throws Error where it is neither
 */
export function* recordingLines(path: string, onRead?: (bytes: number) => void) {
  let columns: ReadonlyArray<string> | undefined;
  let isJson: boolean | undefined;
  for (const line of linesOf(path, onRead)) {
    if (line.trim() === '') continue;
    isJson ??= /^\s*[[{]/.test(line);
    if (isJson) yield line;
    else if (columns === undefined) columns = columnsOf(path, line);
    else yield toMessage(columns, line);
  }
}
