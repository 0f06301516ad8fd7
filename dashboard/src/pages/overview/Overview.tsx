import { PageHead } from '../../app/PageHead.tsx';
import { usePeriod } from '../../app/usePeriod.ts';
import { Loading } from '../../components/Notice.tsx';
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
export const Overview = () => {
  const { period, today } = usePeriod();
  if (period && today) return <Figures period={period} today={today} />;
  return (
    <>
      <PageHead page="overview" />
      <Loading height={230} />
      <Loading height={380} />
    </>
  );
};
