import { type ReactNode, useId } from 'react';
import { useWords } from '../i18n/context.tsx';
import type { Table } from '../model/table.ts';
import { CsvButton } from './CsvButton.tsx';
import { DataTable } from './DataTable.tsx';
import { Definition } from './Definition.tsx';
import { Outdated } from './Outdated.tsx';

export interface ChartCardProps {
  readonly title: string;
  readonly definition: string;
  /** What the chart says, in a sentence. */
  readonly summary: string;
  /** What the chart shows, all of it. */
  readonly table: Table;
  readonly children: ReactNode;
  readonly isEstimate?: boolean;
  /** Figures of another period or zone are still on the screen. */
  readonly isBusy?: boolean;
  readonly actions?: ReactNode;
  readonly className?: string;
}

/** A chart with all that stands for it: title, definition, sentence, table, file. */
export const ChartCard = (props: ChartCardProps) => {
  const { title, definition, summary, table, children, isEstimate, isBusy, actions } = props;
  const { t } = useWords();
  const id = useId();
  return (
    <section
      className={`card ${props.className ?? ''}`}
      aria-labelledby={id}
      aria-busy={isBusy ?? false}
    >
      <header className="card-head">
        <h2 id={id}>{title}</h2>
        <Definition name={title} text={definition} />
        {isEstimate && <span className="badge">{t('figure.estimate')}</span>}
        <div className="card-actions">{actions}</div>
      </header>
      <Outdated />
      <p className="card-summary">{summary}</p>
      {children}
      <footer className="card-foot">
        <details>
          <summary>{t('figure.table')}</summary>
          <DataTable caption={title} table={table} />
        </details>
        <CsvButton name={title} table={table} />
      </footer>
    </section>
  );
};
