import { PageHead } from '../../app/PageHead.tsx';
import { PeriodPage } from '../../app/PeriodPage.tsx';
import { useRoute } from '../../app/useRoute.ts';
import { Await } from '../../components/Await.tsx';
import { NoZones } from '../../components/Notice.tsx';
import { useHourly } from '../../hooks/useHourly.ts';
import { useBounds } from '../../hooks/usePeriodRows.ts';
import { useWords } from '../../i18n/context.tsx';
import { lengthOf, type Period } from '../../model/period.ts';
import { type Bounds, hourBounds } from '../../model/storeTime.ts';
import { ZONE_METRICS, type ZoneMetric } from '../../model/zoneLevels.ts';
import { PlanCard } from './PlanCard.tsx';
import { Ranking } from './Ranking.tsx';
import { useZoneFigures } from './useZoneFigures.ts';
import { ZoneDetail } from './ZoneDetail.tsx';

const isMetric = (text: string | undefined): text is ZoneMetric =>
  ZONE_METRICS.some((metric) => metric === text);

/** The hour of the day that was chosen, of a period that is one day; else the whole period. */
const useChosenBounds = (period: Period, hour: number | undefined): Bounds | undefined => {
  const whole = useBounds(period);
  const isDay = lengthOf(period) === 1;
  const hours = useHourly(isDay ? period : undefined).data;
  const start = isDay ? hours?.find((row) => row.hour === hour)?.hour_start : undefined;
  return hour === undefined || start === undefined ? whole : hourBounds(start);
};

const Figures = ({ period, today }: { readonly period: Period; readonly today: string }) => {
  const { t } = useWords();
  const { route } = useRoute();
  const metric = isMetric(route.metric) ? route.metric : 'dwell';
  const hour = lengthOf(period) === 1 ? route.hour : undefined;
  const bounds = useChosenBounds(period, hour);
  const answer = useZoneFigures(bounds);
  return (
    <>
      <PageHead page="store" period={period} today={today} />
      <Await answer={answer} name={t('plan.title')} height={640}>
        {(zones) => {
          if (zones.length === 0) return <NoZones />;
          const chosen = zones.find(({ id }) => id === route.zone);
          return (
            <div className="plan-columns">
              <PlanCard {...{ zones, metric, period, hour, isBusy: answer.isBusy }} />
              {chosen ? (
                <ZoneDetail zone={chosen} period={period} bounds={bounds} />
              ) : (
                <Ranking zones={zones} metric={metric} />
              )}
            </div>
          );
        }}
      </Await>
    </>
  );
};

/** Where in the shop it happens. */
export const Store = () => (
  <PeriodPage page="store" heights={[640]}>
    {(period, today) => <Figures period={period} today={today} />}
  </PeriodPage>
);
