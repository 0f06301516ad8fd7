import { rateChange, relativeChange } from '../../src/model/change.ts';
import { flowOf } from '../../src/model/flow.ts';
import { freshnessOf, type Signs } from '../../src/model/freshness.ts';
import { isAlive, pipelineState } from '../../src/model/pipelineState.ts';
import { toCsv } from '../../src/model/table.ts';
import { besides, busiest, openHours, trendOf } from '../../src/model/trend.ts';
import { waysOf } from '../../src/model/ways.ts';
import { levelsOf } from '../../src/model/zoneLevels.ts';

describe('changes', () => {
  it('are relative for counts and points for rates', () => {
    expect(relativeChange(110, 100)).toMatchObject({ direction: 'up' });
    expect(relativeChange(110, 100).amount).toBeCloseTo(0.1);
    expect(rateChange(0.2, 0.25)).toMatchObject({ direction: 'down' });
    expect(rateChange(0.2, 0.25).amount).toBeCloseTo(-0.05);
  });

  it('are none where they cannot be seen, unknown where there was nothing', () => {
    expect(relativeChange(1001, 1000).direction).toBe('same');
    expect(relativeChange(5, 0).direction).toBe('unknown');
    expect(rateChange(0.1, 0).direction).toBe('up');
    expect(rateChange(0.1, undefined).direction).toBe('unknown');
  });
});

describe('a file', () => {
  it('is read by spreadsheets: quotes, Korean, nothing that runs', () => {
    const table = {
      columns: ['구역', 'n'],
      rows: [['a "b", c', 1.5] as const, ['=1+1', null] as const],
    };
    expect(toCsv(table)).toBe('\ufeff구역,n\r\n"a ""b"", c",1.5\r\n\'=1+1,\r\n');
  });

  it.each(['A;=1+1', 'A\t=1+1'])('stays one cell where cells are parted by others: %j', (cell) => {
    expect(toCsv({ columns: ['n'], rows: [[cell]] })).toBe(`\ufeffn\r\n"${cell}"\r\n`);
  });
});

describe('the flow between zones', () => {
  const moves = [
    { from: 'a', to: 'b', moves: 6 },
    { from: 'a', to: 'c', moves: 2 },
    { from: 'b', to: 'c', moves: 4 },
  ];
  it('keeps every move, the largest on top', () => {
    const { origins, targets, ribbons } = flowOf(moves);
    expect(origins.map(({ id, moves: n }) => [id, n])).toEqual([
      ['a', 8],
      ['b', 4],
    ]);
    expect(targets.map(({ id, moves: n }) => [id, n])).toEqual([
      ['b', 6],
      ['c', 6],
    ]);
    expect(ribbons).toHaveLength(3);
    expect(origins.at(-1)?.end).toBeCloseTo(1);
    for (const { id, start, end } of origins) {
      const leaving = ribbons.filter(({ from }) => from === id);
      const thickness = leaving.reduce(
        (sum, { fromStart, fromEnd }) => sum + fromEnd - fromStart,
        0,
      );
      expect(thickness).toBeCloseTo(end - start);
    }
  });

  it('crosses no two moves at a zone: they leave and arrive in the order of the other side', () => {
    const { origins, targets, ribbons } = flowOf([
      { from: 'c', to: 'e', moves: 1 },
      { from: 'a', to: 'e', moves: 2 },
      { from: 'b', to: 'd', moves: 3 },
      { from: 'b', to: 'e', moves: 4 },
      { from: 'a', to: 'd', moves: 9 },
    ]);
    const ids = (blocks: typeof origins) => blocks.map(({ id }) => id);
    expect([ids(origins), ids(targets)]).toEqual([
      ['a', 'b', 'c'],
      ['d', 'e'],
    ]);
    const arriving = (zone: string) =>
      ribbons.filter(({ to }) => to === zone).sort((x, y) => x.toStart - y.toStart);
    const leaving = (zone: string) =>
      ribbons.filter(({ from }) => from === zone).sort((x, y) => x.fromStart - y.fromStart);
    expect(arriving('e').map(({ from }) => from)).toEqual(['a', 'b', 'c']);
    expect(arriving('d').map(({ from }) => from)).toEqual(['a', 'b']);
    expect(leaving('a').map(({ to }) => to)).toEqual(['d', 'e']);
    expect(leaving('b').map(({ to }) => to)).toEqual(['d', 'e']);
    // One behind the other, and a gap between two zones.
    const [first, second, third] = arriving('e');
    expect(first?.toStart).toBe(targets[1]?.start);
    expect([second?.toStart, third?.toStart]).toEqual([first?.toEnd, second?.toEnd]);
    expect(third?.toEnd).toBeCloseTo(targets[1]?.end ?? 0);
    expect((targets[1]?.start ?? 0) - (targets[0]?.end ?? 0)).toBeCloseTo(0.012);
  });

  it('is nothing of nothing', () => {
    expect(flowOf([])).toEqual({ origins: [], targets: [], ribbons: [] });
  });
});

describe('ways of a zone', () => {
  it('lead to it and from it, most moves first', () => {
    const row = (from: string, to: string, moves: number) => ({
      from_zone_id: from,
      from_zone_name: from.toUpperCase(),
      to_zone_id: to,
      to_zone_name: to.toUpperCase(),
      moves,
    });
    const { from, to } = waysOf([row('a', 'b', 1), row('c', 'b', 5), row('b', 'a', 2)], 'b');
    expect(from.map(({ name, moves }) => [name, moves])).toEqual([
      ['C', 5],
      ['A', 1],
    ]);
    expect(to.map(({ name, moves }) => [name, moves])).toEqual([['A', 2]]);
  });
});

describe('the trend', () => {
  const row = (day: string, hour: number, footfall: number, mean_dwell_seconds = 60) => ({
    hour_start: `${day} ${hour}`,
    day,
    hour,
    footfall,
    mean_dwell_seconds,
  });
  it('is hours of one day, and whole days of more', () => {
    const one = [row('2026-03-02', 9, 1), row('2026-03-02', 10, 3)];
    expect(trendOf(one).map(({ hour }) => hour)).toEqual([9, 10]);
    expect(busiest(trendOf(one))?.hour).toBe(10);
    const two = trendOf([...one, row('2026-03-03', 9, 3, 60), row('2026-03-03', 10, 1, 100)]);
    expect(two.map(({ day, footfall }) => [day, footfall])).toEqual([
      ['2026-03-02', 4],
      ['2026-03-03', 4],
    ]);
    expect(two[1]?.meanDwellSeconds).toBe(70);
  });

  it('puts beside an hour the one of that name, beside the second one the second', () => {
    const day = (name: string, ...hours: number[]) =>
      trendOf(hours.map((hour, index) => row(name, hour, index)));
    const pairs = (now: number[], before: number[]) =>
      besides(day('b', ...now), day('a', ...before)).map((point) => point?.footfall);
    expect(pairs([1, 3, 4], [1, 2, 3, 4])).toEqual([0, 2, 3]);
    expect(pairs([1, 2, 3], [1, 3])).toEqual([0, undefined, 1]);
    expect(pairs([1, 2, 2, 3], [1, 2, 3])).toEqual([0, 1, undefined, 2]);
    expect(pairs([1, 2, 2], [1, 2, 2])).toEqual([0, 1, 2]);
    expect(pairs([1, 2], [])).toEqual([undefined, undefined]);
    const days = trendOf([row('2026-03-02', 9, 1), row('2026-03-03', 9, 3)]);
    const weekBefore = trendOf([row('2026-02-23', 9, 5), row('2026-02-24', 9, 6)]);
    expect(besides(days, weekBefore).map((point) => point?.footfall)).toEqual([5, 6]);
  });

  it('leaves out the empty ends of a day', () => {
    const day = Array.from({ length: 24 }, (_, hour) =>
      row('d', hour, hour > 9 && hour < 22 ? 1 : 0),
    );
    expect(openHours(trendOf(day), [])).toEqual({ first: 9, last: 22 });
    const quiet = Array.from({ length: 24 }, (_, hour) => row('d', hour, 0));
    expect(openHours(trendOf(quiet), [])).toEqual({ first: 0, last: 23 });
    expect(busiest(trendOf(quiet))).toBeUndefined();
  });
});

describe('levels', () => {
  it('are shares of the highest', () => {
    expect(levelsOf([2, 4, 0])).toEqual([0.5, 1, 0]);
    expect(levelsOf([0, 0])).toEqual([0, 0]);
  });
});

describe('how far the picture can be believed', () => {
  const now = 1_000_000;
  const well: Signs = {
    now,
    isOnline: true,
    isLost: false,
    heardAt: now - 4_000,
    askedAt: now - 20_000,
    successAgeSeconds: 10,
    toldStoredAt: undefined,
  };
  it.each<[string, Partial<Signs>, object]>([
    ['all is well', {}, { kind: 'fresh' }],
    ['nothing was asked yet', { askedAt: undefined, isLost: true }, { kind: 'fresh' }],
    ['no network', { isOnline: false }, { kind: 'offline', seconds: 4 }],
    ['no channel', { isLost: true, heardAt: undefined }, { kind: 'lost', seconds: 20 }],
    ['no news', { heardAt: undefined, successAgeSeconds: 100 }, { kind: 'stale', seconds: 120 }],
    ['counts alone', { successAgeSeconds: 9_980 }, { kind: 'stale', seconds: 10_000 }],
    ['a batch that was told', { successAgeSeconds: 9_999, toldStoredAt: now }, { kind: 'fresh' }],
    ['nothing ever stored', { successAgeSeconds: null }, { kind: 'none' }],
  ])('%s', (_, change, expected) => {
    expect(freshnessOf({ ...well, ...change })).toEqual(expected);
  });
});

describe('the pipeline', () => {
  it.each([
    ['completed', 90, 'flowing'],
    ['completed', 91, 'slow'],
    ['failed', 20, 'failing'],
    [null, null, 'never'],
  ])('%s, %p s ago: %s', (last_run_status, seconds_since_success, state) => {
    expect(pipelineState({ last_run_status, seconds_since_success })).toBe(state);
  });

  it('has sensors that are alive or silent', () => {
    expect([300, 301].map((seconds_since) => isAlive({ seconds_since }))).toEqual([true, false]);
  });
});
