import { PageHead } from '../../app/PageHead.tsx';
import { Await } from '../../components/Await.tsx';
import { NoZones } from '../../components/Notice.tsx';
import { type LiveOccupancy, useLiveOccupancy } from '../../hooks/useLiveOccupancy.ts';
import { useZones, type Zone } from '../../hooks/useStore.ts';
import { useWords } from '../../i18n/context.tsx';
import { Feed } from './Feed.tsx';
import { LivePlan } from './LivePlan.tsx';
import { LiveTrend } from './LiveTrend.tsx';
import { NowFigures } from './NowFigures.tsx';

const Loaded = ({ zones, live }: { zones: ReadonlyArray<Zone>; live: LiveOccupancy }) => (
  <div className="plan-columns live-columns">
    {zones.length === 0 ? <NoZones /> : <LivePlan zones={zones} live={live} />}
    <div className="detail">
      <NowFigures live={live} />
      <LiveTrend points={live.points} />
      <Feed changes={live.changes} zones={zones} />
    </div>
  </div>
);

/** The shop at this moment. */
export const Live = () => {
  const { t } = useWords();
  const { data, error, refetch } = useZones();
  const live = useLiveOccupancy();
  return (
    <>
      <PageHead page="live" note={t('live.title')} />
      <Await answer={{ data, error, refetch }} name={t('live.zones')} height={640}>
        {(all) => <Loaded zones={all} live={live} />}
      </Await>
    </>
  );
};
