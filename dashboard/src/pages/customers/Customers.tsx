import { PageHead } from '../../app/PageHead.tsx';
import { usePeriod } from '../../app/usePeriod.ts';
import { Loading } from '../../components/Notice.tsx';
import { FunnelCard } from './FunnelCard.tsx';
import { PathsCard } from './PathsCard.tsx';
import { VisitLengthsCard } from './VisitLengthsCard.tsx';
import { VisitorsCard } from './VisitorsCard.tsx';

/** Who comes, how long they stay, how far they get. */
export const Customers = () => {
  const { period, today } = usePeriod();
  if (!period || !today)
    return (
      <>
        <PageHead page="customers" />
        <Loading height={640} />
      </>
    );
  return (
    <>
      <PageHead page="customers" period={period} today={today} />
      <div className="columns">
        <VisitLengthsCard period={period} />
        <FunnelCard period={period} />
      </div>
      <VisitorsCard period={period} />
      <PathsCard period={period} />
    </>
  );
};
