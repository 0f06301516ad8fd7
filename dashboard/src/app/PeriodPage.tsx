import type { ReactNode } from 'react';
import { Failure, Loading } from '../components/Notice.tsx';
import { useThresholds } from '../hooks/useStore.ts';
import type { Period } from '../model/period.ts';
import { PageHead } from './PageHead.tsx';
import type { Page } from './route.ts';
import { usePeriod } from './usePeriod.ts';

interface PeriodPageProps {
  readonly page: Page;
  /** Of what is being loaded, from above, in pixels. */
  readonly heights: ReadonlyArray<number>;
  readonly children: (period: Period, today: string) => ReactNode;
}

/** A page of a period: which day is today is the store's to say, and it may fail to. */
export const PeriodPage = ({ page, heights, children }: PeriodPageProps) => {
  const { period, today } = usePeriod();
  const { error, refetch } = useThresholds();
  if (period && today) return children(period, today);
  return (
    <>
      <PageHead page={page} />
      {error ? (
        <Failure error={error} name={undefined} onRetry={() => refetch()} />
      ) : (
        heights.map((height) => <Loading key={height} height={height} />)
      )}
    </>
  );
};
