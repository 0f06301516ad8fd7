import type { Cause, RejectionKind } from './rejected.ts';

/** How often something was rejected for one cause. */
export interface Counted {
  readonly cause: Cause;
  readonly count: number;
}

/** Of one kind, with the commonest subject. */
export interface Commonest extends Counted {
  readonly kind: RejectionKind;
  /** It concerns other subjects, too. */
  readonly isVaried: boolean;
}

/** Anybody can invent subjects: beyond so many, the others of a kind share one account. */
const MOST_CAUSES = 100;

const keyOf = ({ kind, subject = '' }: Cause): string => `${kind} ${subject}`;

/** Adds up what has the same cause; memory is bounded whatever comes. */
export const addUp = (counted: Iterable<Counted>): ReadonlyArray<Counted> => {
  const sums = new Map<string, Counted>();
  for (const { cause, count } of counted) {
    const isRoom = sums.size < MOST_CAUSES || sums.has(keyOf(cause));
    const account = isRoom ? cause : { kind: cause.kind };
    const key = keyOf(account);
    sums.set(key, { cause: account, count: (sums.get(key)?.count ?? 0) + count });
  }
  return [...sums.values()];
};

export const total = (counted: ReadonlyArray<Counted>): number =>
  counted.reduce((sum, { count }) => sum + count, 0);

/** The kind that most was rejected for; undefined where nothing was. */
export const commonest = (counted: ReadonlyArray<Counted>): Commonest | undefined => {
  const kinds = [...new Set(counted.map(({ cause }) => cause.kind))].map((kind) => {
    const ofKind = counted.filter(({ cause }) => cause.kind === kind);
    return { kind, ofKind, count: total(ofKind) };
  });
  const [first] = kinds.sort((a, b) => b.count - a.count);
  if (first === undefined) return undefined;
  const [most = { cause: { kind: first.kind } }] = first.ofKind.toSorted(
    (a, b) => b.count - a.count,
  );
  return {
    kind: first.kind,
    cause: most.cause,
    count: first.count,
    isVaried: first.ofKind.length > 1,
  };
};
