import { useWords } from '../i18n/context.tsx';
import type { Cell, Table } from '../model/table.ts';

interface DataTableProps {
  readonly caption: string;
  readonly table: Table;
}

const FIGURE = /^\d/;

/** Whether a column holds figures, with or without their unit; the first one holds names. */
const isNumeric = ({ rows }: Table, column: number): boolean => {
  const cells = rows.map((row) => row[column]).filter((cell) => cell !== null);
  return (
    column > 0 &&
    cells.length > 0 &&
    cells.every((cell) => typeof cell === 'number' || FIGURE.test(cell ?? ''))
  );
};

export const DataTable = ({ caption, table }: DataTableProps) => {
  const { format } = useWords();
  const show = (cell: Cell) => (typeof cell === 'number' ? format.count(cell) : (cell ?? '–'));
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <div className="table-scroll" role="group" tabIndex={0} aria-label={caption}>
      <table>
        <caption className="unseen">{caption}</caption>
        <thead>
          <tr>
            {table.columns.map((column, index) => (
              <th
                key={column}
                scope="col"
                className={isNumeric(table, index) ? 'number' : undefined}
              >
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {table.rows.map((row, position) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: two rows may say the same
            <tr key={position}>
              {row.map((cell, index) => (
                <td
                  key={table.columns[index]}
                  className={isNumeric(table, index) ? 'number' : undefined}
                >
                  {show(cell)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
};
