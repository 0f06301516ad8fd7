import { PageHead } from '../../app/PageHead.tsx';
import { PeriodPage } from '../../app/PeriodPage.tsx';
import { useRoute } from '../../app/useRoute.ts';
import { Await } from '../../components/Await.tsx';
import { Failure, Loading, Notice, NoZones } from '../../components/Notice.tsx';
import { useWords } from '../../i18n/context.tsx';
import { lengthOf, type Period } from '../../model/period.ts';
import type { Bounds } from '../../model/storeTime.ts';
import { ZONE_METRICS, type ZoneMetric } from '../../model/zoneLevels.ts';
import { PlanCard } from './PlanCard.tsx';
import { Ranking } from './Ranking.tsx';
import { type ChosenBounds, useChosenBounds } from './useChosenBounds.ts';
import { useZoneFigures } from './useZoneFigures.ts';
import { WithoutPlan } from './WithoutPlan.tsx';
import { ZoneDetail } from './ZoneDetail.tsx';

const isMetric = (text: string | undefined): text is ZoneMetric =>
  ZONE_METRICS.some((metric) => metric === text);

interface ChosenProps {
  readonly period: Period;
  readonly hour: number | undefined;
}

interface ZonesProps extends ChosenProps {
  readonly bounds: Bounds;
}

const Zones = ({ period, hour, bounds }: ZonesProps) => {
  const { t } = useWords();
  const { route } = useRoute();
  const metric = isMetric(route.metric) ? route.metric : 'dwell';
  const answer = useZoneFigures(bounds);
  return (
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
  );
};

const WhyNot = ({ bounds, error, refetch }: ChosenBounds) => {
  const { t } = useWords();
  if (bounds === null) return <Notice title={t('plan.no_hour')} hint={t('plan.no_hour_hint')} />;
  if (error) return <Failure error={error} name={t('plan.title')} onRetry={refetch} />;
  return <Loading height={640} />;
};

/** The figures of what was chosen, and of nothing else. */
const Chosen = ({ period, hour }: ChosenProps) => {
  const chosen = useChosenBounds(period, hour);
  if (chosen.bounds) return <Zones {...{ period, hour, bounds: chosen.bounds }} />;
  return (
    <WithoutPlan period={period} hour={hour}>
      <WhyNot {...chosen} />
    </WithoutPlan>
  );
};

const Figures = ({ period, today }: { readonly period: Period; readonly today: string }) => {
  const { route } = useRoute();
  return (
    <>
      <PageHead page="store" period={period} today={today} />
      <Chosen period={period} hour={lengthOf(period) === 1 ? route.hour : undefined} />
    </>
  );
};

/** Where in the shop it happens. */
export const Store = () => (
  <PeriodPage page="store" heights={[640]}>
    {(period, today) => <Figures period={period} today={today} />}
  </PeriodPage>
);
