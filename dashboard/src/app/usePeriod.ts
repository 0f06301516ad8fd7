import { useMemo } from 'react';
import { useToday } from '../hooks/useStore.ts';
import { type Period, periodEnding } from '../model/period.ts';
import { useRoute } from './useRoute.ts';

/** The period that the address names, never beyond today; undefined until today is known. */
export const usePeriod = (): { period: Period | undefined; today: string | undefined } => {
  const { route } = useRoute();
  const today = useToday();
  const { day, days } = route;
  const period = useMemo(
    () => today && periodEnding(day === undefined || day > today ? today : day, days),
    [today, day, days],
  );
  return { period: period || undefined, today };
};
