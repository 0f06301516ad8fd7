/** So many moves from one zone to another. */
export interface Move {
  readonly from: string;
  readonly to: string;
  readonly moves: number;
}

export interface Block {
  readonly id: string;
  readonly moves: number;
  /** Along the side, from 0 to 1 of its height. */
  readonly start: number;
  readonly end: number;
}

export interface Ribbon extends Move {
  readonly fromStart: number;
  readonly fromEnd: number;
  readonly toStart: number;
  readonly toEnd: number;
}

export interface Flow {
  readonly origins: ReadonlyArray<Block>;
  readonly targets: ReadonlyArray<Block>;
  readonly ribbons: ReadonlyArray<Ribbon>;
}

const GAP = 0.012;

const sums = (moves: ReadonlyArray<Move>, end: 'from' | 'to'): ReadonlyArray<[string, number]> => {
  const total = new Map<string, number>();
  for (const move of moves) total.set(move[end], (total.get(move[end]) ?? 0) + move.moves);
  return [...total].sort(([, a], [, b]) => b - a);
};

/** Stacks the sums along a side, the largest first, with a gap after each. */
const stack = (totals: ReadonlyArray<[string, number]>): ReadonlyArray<Block> => {
  const all = totals.reduce((sum, [, moves]) => sum + moves, 0);
  const scale = (1 - GAP * Math.max(totals.length - 1, 0)) / Math.max(all, 1);
  let start = 0;
  return totals.map(([id, moves]) => {
    const block = { id, moves, start, end: start + moves * scale };
    start = block.end + GAP;
    return block;
  });
};

/** Gives out a side's blocks in slices, in the order of asking. */
const slicer = (blocks: ReadonlyArray<Block>) => {
  const used = new Map(blocks.map(({ id, start }) => [id, start]));
  const height = new Map(blocks.map(({ id, moves, start, end }) => [id, (end - start) / moves]));
  return (id: string, moves: number): [number, number] => {
    const start = used.get(id) ?? 0;
    const end = start + moves * (height.get(id) ?? 0);
    used.set(id, end);
    return [start, end];
  };
};

const rank = (blocks: ReadonlyArray<Block>) => new Map(blocks.map(({ id }, index) => [id, index]));

/** Two sides and the ribbons between them; ribbons leave and arrive in the order of the other side. */
export const flowOf = (moves: ReadonlyArray<Move>): Flow => {
  const origins = stack(sums(moves, 'from'));
  const targets = stack(sums(moves, 'to'));
  const [leaveFrom, arriveAt] = [slicer(origins), slicer(targets)];
  const [byOrigin, byTarget] = [rank(origins), rank(targets)];
  const order = (ranks: Map<string, number>, id: string) => ranks.get(id) ?? 0;
  const leaving = [...moves].sort((a, b) => order(byTarget, a.to) - order(byTarget, b.to));
  const starts = new Map(leaving.map((move) => [move, leaveFrom(move.from, move.moves)]));
  const arriving = [...moves].sort((a, b) => order(byOrigin, a.from) - order(byOrigin, b.from));
  const ribbons = arriving.map((move) => {
    const [fromStart, fromEnd] = starts.get(move) ?? [0, 0];
    const [toStart, toEnd] = arriveAt(move.to, move.moves);
    return { ...move, fromStart, fromEnd, toStart, toEnd };
  });
  return { origins, targets, ribbons };
};
