import type { ReactNode } from 'react';
import { useWords } from '../../i18n/context.tsx';
import type { Period } from '../../model/period.ts';
import { HourScrubber } from './HourScrubber.tsx';

interface WithoutPlanProps {
  readonly period: Period;
  readonly hour: number | undefined;
  readonly children: ReactNode;
}

/** In the place of a plan that an hour does not have: another one can be chosen all the same. */
export const WithoutPlan = ({ period, hour, children }: WithoutPlanProps) => {
  const { t } = useWords();
  return (
    <section className="card plan-card" aria-label={t('plan.title')}>
      {children}
      <div className="plan-foot">
        <HourScrubber period={period} hour={hour} />
      </div>
    </section>
  );
};
