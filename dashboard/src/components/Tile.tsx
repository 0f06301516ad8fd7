import type { ReactNode } from 'react';
import { useWords } from '../i18n/context.tsx';
import { Definition } from './Definition.tsx';

interface TileProps {
  readonly name: string;
  readonly definition: string;
  readonly value: string;
  readonly isEstimate?: boolean;
  /** The figure is not known yet. */
  readonly isBusy?: boolean;
  /** A second figure that belongs to the first. */
  readonly aside?: string | undefined;
  readonly children?: ReactNode;
}

/** One figure. */
export const Tile = (props: TileProps) => {
  const { name, definition, value, isEstimate, isBusy, aside, children } = props;
  const { t } = useWords();
  return (
    <div className="tile" aria-busy={isBusy ?? false}>
      <dt>
        <span className="tile-name">{name}</span>
        <Definition name={name} text={definition} />
        {isEstimate && <span className="badge">{t('figure.estimate')}</span>}
      </dt>
      <dd>
        <span className="tile-value">{value}</span>
        {aside && <span className="tile-aside">{aside}</span>}
        {children}
      </dd>
    </div>
  );
};
