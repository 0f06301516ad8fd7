import type { Estimate } from '../hooks/usePeople.ts';
import { useWords } from '../i18n/context.tsx';

/** An estimate with its interval, in whole people. */
export const usePeopleWords = (): ((estimate: Estimate | undefined) => string | undefined) => {
  const { t, format } = useWords();
  return (estimate) =>
    estimate &&
    t('people.about', {
      likely: format.count(Math.round(estimate.likely)),
      low: format.count(Math.floor(estimate.low)),
      high: format.count(Math.ceil(estimate.high)),
    });
};
