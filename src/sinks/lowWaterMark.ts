/** Of things that are begun in order and settled in any: up to where all are settled. */
export interface LowWaterMark<A> {
  readonly begin: (thing: A) => void;
  /** The things that are now settled, with all that were begun before them, oldest first. */
  readonly settle: (thing: A) => ReadonlyArray<A>;
}

export const lowWaterMark = <A>(): LowWaterMark<A> => {
  const begun: A[] = [];
  const settled = new Set<A>();
  return {
    begin: (thing) => void begun.push(thing),
    settle: (thing) => {
      settled.add(thing);
      const first = begun.findIndex((one) => !settled.has(one));
      const below = begun.splice(0, first < 0 ? begun.length : first);
      for (const one of below) settled.delete(one);
      return below;
    },
  };
};
