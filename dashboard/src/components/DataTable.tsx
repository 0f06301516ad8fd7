import { useWords } from '../i18n/context.tsx';
import type { Cell, Table } from '../model/table.ts';

interface DataTableProps {
  readonly caption: string;
  readonly table: Table;
}

const isNumeric = ({ rows }: Table, column: number): boolean =>
  rows.some((row) => typeof row[column] === 'number');

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
