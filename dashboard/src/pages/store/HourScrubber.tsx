import { useRoute } from '../../app/useRoute.ts';
import { useHourly } from '../../hooks/useHourly.ts';
import { useWords } from '../../i18n/context.tsx';
import type { Period } from '../../model/period.ts';

interface HourScrubberProps {
  readonly period: Period;
  /** Undefined is the whole day. */
  readonly hour: number | undefined;
}

const NOON = 12;
const LAST_HOUR = 23;

/** Moves through the hours of a day, over its visits. */
export const HourScrubber = ({ period, hour }: HourScrubberProps) => {
  const { t, format } = useWords();
  const { go } = useRoute();
  const rows = useHourly(period).data ?? [];
  const most = Math.max(1, ...rows.map(({ footfall }) => footfall));
  const name =
    hour === undefined
      ? t('scrub.all')
      : t('scrub.hour', { from: format.hour(hour), to: format.hour(hour + 1) });
  return (
    <div className="scrub">
      <button
        type="button"
        className="quiet-button scrub-all"
        aria-pressed={hour === undefined}
        onClick={() => go({ hour: undefined })}
      >
        {t('scrub.all')}
      </button>
      <div className="scrub-track">
        <div className="scrub-bars" aria-hidden="true">
          {rows.map((row) => (
            <span
              key={row.hour_start}
              className={row.hour === hour ? 'is-chosen' : undefined}
              style={{ blockSize: `${(row.footfall / most) * 100}%` }}
            />
          ))}
        </div>
        <input
          type="range"
          min={0}
          max={LAST_HOUR}
          value={hour ?? NOON}
          className={hour === undefined ? 'is-idle' : undefined}
          aria-label={t('scrub.label')}
          aria-valuetext={name}
          onChange={({ target }) => go({ hour: Number(target.value) })}
        />
      </div>
      <output className="scrub-name">
        {hour !== undefined && (
          <>
            {name}
            <small>{t('scrub.hint')}</small>
          </>
        )}
      </output>
    </div>
  );
};
