import { useWords } from '../i18n/context.tsx';
import { type Table, toCsv } from '../model/table.ts';
import { download } from './download.ts';
import { Icon } from './Icon.tsx';

interface CsvButtonProps {
  readonly name: string;
  readonly table: Table;
}

export const CsvButton = ({ name, table }: CsvButtonProps) => {
  const { t } = useWords();
  return (
    <button
      type="button"
      className="quiet-button"
      aria-label={t('figure.csv_label', { name })}
      onClick={() => download(`${name}.csv`, 'text/csv;charset=utf-8', toCsv(table))}
    >
      <Icon name="download" />
      {t('figure.csv')}
    </button>
  );
};
