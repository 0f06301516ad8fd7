import { PageHead } from '../../app/PageHead.tsx';
import { PeriodPage } from '../../app/PeriodPage.tsx';
import { FunnelCard } from './FunnelCard.tsx';
import { PathsCard } from './PathsCard.tsx';
import { VisitLengthsCard } from './VisitLengthsCard.tsx';
import { VisitorsCard } from './VisitorsCard.tsx';

/** Who comes, how long they stay, how far they get. */
export const Customers = () => (
  <PeriodPage page="customers" heights={[640]}>
    {(period, today) => (
      <>
        <PageHead page="customers" period={period} today={today} />
        <div className="columns">
          <VisitLengthsCard period={period} />
          <FunnelCard period={period} />
        </div>
        <VisitorsCard period={period} />
        <PathsCard period={period} />
      </>
    )}
  </PeriodPage>
);
