import { addUp, commonest, total } from '../../../src/model/rejectionCounts.ts';

const unknown = (subject: string) => ({ kind: 'unknown_sensor', subject }) as const;

it('adds up what has the same cause', () => {
  const counted = [
    { cause: unknown('pi9'), count: 2 },
    { cause: { kind: 'clock', subject: 'pi9' } as const, count: 1 },
    { cause: unknown('pi9'), count: 3 },
  ];
  expect(addUp(counted)).toEqual([
    { cause: unknown('pi9'), count: 5 },
    { cause: { kind: 'clock', subject: 'pi9' }, count: 1 },
  ]);
});

it('keeps a bounded number of accounts, and every count', () => {
  const many = Array.from({ length: 5_000 }, (_, id) => ({ cause: unknown(`pi${id}`), count: 1 }));
  const sums = addUp(many);
  expect(sums.length).toBeLessThanOrEqual(110);
  expect(total(sums)).toBe(5_000);
  expect(commonest(sums)).toMatchObject({ kind: 'unknown_sensor', count: 5_000, isVaried: true });
});

it('knows no commonest of nothing', () => {
  expect(commonest([])).toBeUndefined();
});
