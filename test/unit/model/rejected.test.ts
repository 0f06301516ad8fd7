import { rejected } from '../../../src/model/rejected.ts';

test('a rejection stays small, whatever it is of', () => {
  const long = 'x'.repeat(65_535);
  const small = rejected({ topic: long, receivedAt: 1 }, [`store: ${long}`, 'ts: short'], long);
  expect(small).toEqual({
    topic: `${'x'.repeat(256)}…`,
    reasons: [`store: ${'x'.repeat(293)}…`, 'ts: short'],
    received_at: 1,
    payload: 'x'.repeat(2_000),
  });
});
