import { PeriodPicker } from '../components/PeriodPicker.tsx';
import { useWords } from '../i18n/context.tsx';
import type { Period } from '../model/period.ts';
import type { Page } from './route.ts';
import { useRoute } from './useRoute.ts';

interface PageHeadProps {
  readonly page: Page;
  readonly period?: Period;
  readonly today?: string;
  readonly note?: string;
}

export const PageHead = ({ page, period, today, note }: PageHeadProps) => {
  const { t } = useWords();
  const { go } = useRoute();
  return (
    <div className="page-head">
      <div>
        <h1>{t(`nav.${page}`)}</h1>
        {note && <p className="page-note">{note}</p>}
      </div>
      {period && today && <PeriodPicker period={period} today={today} onChange={go} />}
    </div>
  );
};
