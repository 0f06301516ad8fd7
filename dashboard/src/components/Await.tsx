import type { ReactNode } from 'react';
import { Failure, Loading } from './Notice.tsx';

interface Answer<A> {
  readonly data: A | undefined;
  readonly error: unknown;
  readonly refetch: () => unknown;
}

interface AwaitProps<A> {
  readonly answer: Answer<A>;
  /** What it is, for who does not get it. */
  readonly name?: string;
  readonly height?: number;
  readonly children: (data: A) => ReactNode;
}

/** What was answered, or why not. Figures once there stay, also when asking again fails. */
export const Await = <A,>({ answer, name, height, children }: AwaitProps<A>) => {
  if (answer.data !== undefined) return children(answer.data);
  if (answer.error)
    return <Failure error={answer.error} name={name} onRetry={() => answer.refetch()} />;
  return height === undefined ? <Loading /> : <Loading height={height} />;
};
