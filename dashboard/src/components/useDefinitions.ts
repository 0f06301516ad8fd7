import { useThresholds } from '../hooks/useStore.ts';
import { useWords } from '../i18n/context.tsx';
import type { MessageKey } from '../i18n/translate.ts';

/** A figure's definition with the thresholds that are in force in this store. */
export const useDefinitions = (): ((key: MessageKey) => string) => {
  const { t, format } = useWords();
  const thresholds = useThresholds().data;
  return (key) =>
    t(key, {
      visit: format.duration(thresholds?.visit_at_least_seconds ?? 0),
      bounce: format.duration(thresholds?.bounce_under_seconds ?? 0),
      engage: format.duration(thresholds?.engage_after_seconds ?? 0),
      live: thresholds?.live_window_minutes ?? 0,
    });
};
