import { PageHead } from '../../app/PageHead.tsx';
import { PeriodPage } from '../../app/PeriodPage.tsx';
import { useWords } from '../../i18n/context.tsx';
import { lengthOf, type Period } from '../../model/period.ts';
import { FunnelCard } from '../customers/FunnelCard.tsx';
import { KeyFigures } from './KeyFigures.tsx';
import { TopZones } from './TopZones.tsx';
import { Trend } from './Trend.tsx';

const useComparison = (period: Period, today: string): string => {
  const { t } = useWords();
  if (lengthOf(period) > 1) return t('compare.days', { days: lengthOf(period) });
  return t(period.last === today ? 'compare.same_time' : 'compare.same_day');
};

const Figures = ({ period, today }: { readonly period: Period; readonly today: string }) => (
  <>
    <PageHead page="overview" period={period} today={today} note={useComparison(period, today)} />
    <KeyFigures period={period} />
    <div className="overview-charts">
      <Trend period={period} />
      <div className="columns">
        <TopZones period={period} />
        <FunnelCard period={period} />
      </div>
    </div>
  </>
);

/** How the day goes. */
export const Overview = () => (
  <PeriodPage page="overview" heights={[230, 380]}>
    {(period, today) => <Figures period={period} today={today} />}
  </PeriodPage>
);
