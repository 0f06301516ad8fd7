/** Runs pieces of work in the order in which they come, none before the one ahead has settled. */
export type OneAtATime = <A>(work: () => Promise<A>) => Promise<A>;

/** A queue of its own: what one piece of work throws is its caller's alone. */
export const oneAtATime = (): OneAtATime => {
  let ahead: Promise<unknown> = Promise.resolve();
  return (work) => {
    const mine = ahead.then(work);
    ahead = mine.catch(() => undefined);
    return mine;
  };
};
