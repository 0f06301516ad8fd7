import { useWords } from '../i18n/context.tsx';
import { LENGTHS, lengthOf, type Period } from '../model/period.ts';
import { addDays } from '../model/storeTime.ts';
import { Icon } from './Icon.tsx';
import { Segmented } from './Segmented.tsx';

interface PeriodPickerProps {
  readonly period: Period;
  readonly today: string;
  /** `day` undefined is today, also tomorrow. */
  readonly onChange: (change: {
    day?: string | undefined;
    days?: number;
    hour?: undefined;
  }) => void;
}

export const PeriodPicker = ({ period, today, onChange }: PeriodPickerProps) => {
  const { t, format } = useWords();
  const days = lengthOf(period);
  const show = (day: string) => onChange({ day: day >= today ? undefined : day, hour: undefined });
  const name =
    days === 1
      ? format.day(period.last)
      : t('period.range', {
          first: format.dayShort(period.first),
          last: format.dayShort(period.last),
        });
  return (
    <div className="period" role="group" aria-label={t('period.label')}>
      <div className="period-step">
        <button
          type="button"
          className="icon-button"
          aria-label={t('period.previous')}
          onClick={() => show(addDays(period.last, -days))}
        >
          <Icon name="previous" />
        </button>
        <label className="period-day">
          <span>{name}</span>
          <input
            type="date"
            aria-label={t('period.pick')}
            value={period.last}
            max={today}
            onChange={({ target }) => target.value && show(target.value)}
          />
        </label>
        <button
          type="button"
          className="icon-button"
          aria-label={t('period.next')}
          disabled={period.last >= today}
          onClick={() => show(addDays(period.last, days))}
        >
          <Icon name="next" />
        </button>
      </div>
      <Segmented
        label={t('period.label')}
        value={String(days)}
        onChange={(value) => onChange({ days: Number(value), hour: undefined })}
        options={LENGTHS.map((length) => ({
          value: String(length),
          label:
            length > 1
              ? t('period.days', { days: length })
              : t(period.last === today ? 'period.today' : 'period.day'),
        }))}
      />
    </div>
  );
};
