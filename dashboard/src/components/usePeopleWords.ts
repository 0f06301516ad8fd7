import { usePeople } from '../hooks/usePeople.ts';
import { useWords } from '../i18n/context.tsx';
import { type Estimate, wholePeople } from '../model/estimate.ts';

/** An estimate with its interval, in whole people. */
export const usePeopleWords = (): ((estimate: Estimate | undefined) => string | undefined) => {
  const { t, format } = useWords();
  return (estimate) => {
    if (estimate === undefined) return undefined;
    const { likely, low, high } = wholePeople(estimate);
    return t('people.about', {
      likely: format.count(likely),
      low: format.count(low),
      high: format.count(high),
    });
  };
};

/** How many people are in the shop now; undefined where that is not known. */
export const usePeopleNow = (): string | undefined =>
  usePeopleWords()(usePeople('now').data?.present);
