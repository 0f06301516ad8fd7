import type { ReactNode } from 'react';
import { Failure, Loading } from './Notice.tsx';
import { OutdatedSince } from './Outdated.tsx';

interface Answer<A> {
  readonly data: A | undefined;
  readonly error: unknown;
  readonly refetch: () => unknown;
  /** When the data came, Unix milliseconds; left out where they are no figures of a moment. */
  readonly dataUpdatedAt?: number | undefined;
}

interface AwaitProps<A> {
  readonly answer: Answer<A>;
  /** What it is, for who does not get it. */
  readonly name?: string;
  readonly height?: number;
  readonly children: (data: A) => ReactNode;
}

/** What was answered, or why not. Figures once there stay when asking again fails, and say so. */
export const Await = <A,>({ answer, name, height, children }: AwaitProps<A>) => {
  if (answer.data !== undefined)
    return (
      <OutdatedSince value={answer.error ? answer.dataUpdatedAt : undefined}>
        {children(answer.data)}
      </OutdatedSince>
    );
  if (answer.error)
    return <Failure error={answer.error} name={name} onRetry={() => answer.refetch()} />;
  return height === undefined ? <Loading /> : <Loading height={height} />;
};
