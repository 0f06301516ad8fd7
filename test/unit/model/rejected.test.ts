import { rejected } from '../../../src/model/rejected.ts';

test('a rejection stays small, whatever it is of', () => {
  const long = 'x'.repeat(65_535);
  const small = rejected({ topic: long, receivedAt: 1 }, [`store: ${long}`, 'ts: short'], long);
  expect(small).toEqual({
    topic: `${'x'.repeat(256)}…`,
    reasons: [`store: ${'x'.repeat(293)}…`, 'ts: short'],
    received_at: 1,
    payload: 'x'.repeat(2_000),
    cause: { kind: 'malformed', subject: 'store' },
  });
  const cause = { kind: 'unknown_sensor', subject: long } as const;
  expect(rejected({ topic: 't', receivedAt: 1 }, ['no'], '', cause).cause).toEqual({
    kind: 'unknown_sensor',
    subject: `${'x'.repeat(40)}…`,
  });
});

test.each([
  ['payload: not JSON', 'payload'],
  ['rssi: must be dBm from −120 to below 0', 'rssi'],
  ['[12].rpi_id: missing', 'rpi_id'],
  ['no colon at all', 'payload'],
])('a reason such as %s begins with what is at fault', (reason, subject) => {
  expect(rejected({ topic: 't', receivedAt: 1 }, [reason, 'ts: bad'], '').cause).toEqual({
    kind: 'malformed',
    subject,
  });
});
