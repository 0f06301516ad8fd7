import type { Json } from '../../../src/model/json.ts';
import { fromBelief, type Memory, toBelief } from '../../../src/positioning/belief.ts';
import { type Grid, gridOf } from '../../../src/positioning/grid.ts';
import { SHOP } from '../../support/shop.ts';

const grid = gridOf(SHOP);
const BLOCKS = grid.blockColumns * grid.blockRows;
const memory = (change: Partial<Memory> = {}): Memory => ({
  blocks: Float64Array.from({ length: BLOCKS }, (_, block) => (block === 7 ? 0.5 : 0.5 / BLOCKS)),
  offset: { alike: 0.25, mean: -3.5, variance: 2 },
  ts: 1_700_000_000.25,
  vector: { pi1: -61.5, pi2: -70 },
  counts: { pi1: 3, pi2: 1 },
  ...change,
});
const read = (belief: Json | undefined, on: Grid = grid, blocks = BLOCKS) =>
  fromBelief(on, belief, new Float64Array(blocks));
const written = (change: Readonly<Record<string, Json>> = {}): Json => ({
  ...(toBelief(grid, memory()) as { readonly [key: string]: Json }),
  ...change,
});

describe('a belief', () => {
  it('comes back as it was, each probability to a tenth of itself, with a sum of one', () => {
    const { blocks, ...rest } = memory();
    const back = read(toBelief(grid, memory()));
    expect(back).toMatchObject(rest);
    expect(back?.blocks.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 9);
    const [most = 0, other = 0] = [back?.blocks[7], back?.blocks[8]];
    expect(Math.abs(Math.log(most / other / ((blocks[7] ?? 0) / (blocks[8] ?? 0))))).toBeLessThan(
      0.1 + 1e-9,
    );
  });

  it('keeps a tenth of a dB and no half readings', () => {
    const { vector, counts } = read(
      toBelief(grid, memory({ vector: { pi1: -61.26 }, counts: { pi1: 0.3 } })),
    ) as Memory;
    expect(vector).toEqual({ pi1: -61.3 });
    // Rounded it would be none at all, which nothing can be divided by.
    expect(counts).toEqual({ pi1: 1 });
  });

  it.each<[string, Partial<Grid>]>([
    ['blocks of another size', { blockM: grid.blockM + 0.01 }],
    ['another width', { blockColumns: grid.blockColumns + 1 }],
    ['another depth', { blockRows: grid.blockRows + 1 }],
  ])('of a floor with %s means nothing here', (_what, change) => {
    expect(read(written(), { ...grid, ...change })).toBeUndefined();
  });

  it.each<[string, Json]>([
    ['fewer blocks', written({ at: 'A'.repeat(BLOCKS - 1) })],
    ['more blocks', written({ at: 'A'.repeat(BLOCKS + 1) })],
    ['a digit that is none', written({ at: `!${'A'.repeat(BLOCKS - 1)}` })],
    ['a letter of another script', written({ at: `거${'A'.repeat(BLOCKS - 1)}` })],
    ['no time', written({ ts: 'yesterday' })],
    ['no variance', written({ offset: [0.5, 0, 0] })],
    ['half an offset', written({ offset: [0.5, 0] })],
    ['a level that is none', written({ heard: { pi1: ['-60', 1] } })],
    ['nothing heard', written({ heard: [] })],
    ['a list for a record', [written()]],
  ])('with %s is none', (_what, belief) => {
    expect(read(belief)).toBeUndefined();
  });
});
