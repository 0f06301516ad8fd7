import { useWords } from '../i18n/context.tsx';
import type { Change } from '../model/change.ts';
import { Icon } from './Icon.tsx';

interface ChangeMarkProps {
  readonly change: Change;
  /** Rates change by percentage points. */
  readonly isRate?: boolean;
  /** More is worse. */
  readonly isInverse?: boolean;
  /** The value before, as people read it. */
  readonly was: string;
}

/** By how much a figure has changed: arrow, amount and words, so that colour only underlines. */
export const ChangeMark = ({ change, isRate, isInverse, was }: ChangeMarkProps) => {
  const { t, format } = useWords();
  const { direction, amount } = change;
  if (direction === 'unknown') return <span className="change">{t('change.unknown')}</span>;
  const shown = isRate
    ? t('change.points', { points: format.points(amount) })
    : format.percent(Math.abs(amount));
  const isGood = (direction === 'up') !== Boolean(isInverse);
  const tone = direction === 'same' ? '' : isGood ? 'good' : 'bad';
  return (
    <span className={`change ${tone}`}>
      <Icon name={direction} />
      <span aria-hidden="true">{direction === 'same' ? t('change.same') : shown}</span>
      <span className="unseen">
        {direction === 'same' ? t('change.same') : t(`change.${direction}`, { amount: shown })}
      </span>
      <span className="change-was">{t('change.was', { value: was })}</span>
    </span>
  );
};
