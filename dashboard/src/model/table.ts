export type Cell = string | number | null;

/** What a chart shows, as rows: for the table beside it and for the file. */
export interface Table {
  readonly columns: ReadonlyArray<string>;
  readonly rows: ReadonlyArray<ReadonlyArray<Cell>>;
}

/** A cell that begins like a formula would be run by a spreadsheet. */
const harmless = (text: string): string => (/^[=+\-@\t\r]/.test(text) ? `'${text}` : text);

/** Semicolons and tabs too: spreadsheets of many countries part cells there. */
const quoted = (text: string): string =>
  /[",;\t\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;

const cell = (value: Cell): string =>
  value === null ? '' : typeof value === 'number' ? String(value) : quoted(harmless(value));

const BYTE_ORDER_MARK = '\ufeff';

/** RFC 4180, with a byte order mark: without it Excel does not read Korean. */
export const toCsv = ({ columns, rows }: Table): string =>
  BYTE_ORDER_MARK + [columns, ...rows].map((row) => `${row.map(cell).join(',')}\r\n`).join('');
