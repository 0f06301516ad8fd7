import { boundsBefore, periodBounds, periodEnding } from '../../src/model/period.ts';
import { addDays, boundsOf, dayAt, hourBounds, midnight } from '../../src/model/storeTime.ts';

const hours = ({ from_ts, to_ts }: { from_ts: string; to_ts: string }) =>
  (Date.parse(to_ts) - Date.parse(from_ts)) / 3_600_000;

it('knows the day on the wall of the store', () => {
  const at = new Date('2026-03-02T15:30:00Z');
  expect(dayAt('Asia/Seoul', at)).toBe('2026-03-03');
  expect(dayAt('America/New_York', at)).toBe('2026-03-02');
  expect(addDays('2026-02-28', 1)).toBe('2026-03-01');
});

it('finds midnight, also where clocks are changed', () => {
  expect(midnight('Asia/Seoul', '2026-03-02').toISOString()).toBe('2026-03-01T15:00:00.000Z');
  expect(midnight('Etc/UTC', '2026-03-02').toISOString()).toBe('2026-03-02T00:00:00.000Z');
  expect(hours(boundsOf('Europe/Berlin', '2026-03-29', '2026-03-29'))).toBe(23);
  expect(hours(boundsOf('Europe/Berlin', '2026-10-25', '2026-10-25'))).toBe(25);
  expect(hours(boundsOf('America/New_York', '2026-11-01', '2026-11-01'))).toBe(25);
  expect(hours(hourBounds('2026-03-02 03:00:00+00'))).toBe(1);
});

describe('the period before', () => {
  const zone = 'Asia/Seoul';
  it('is the same weekday, cut at the same time of day while the day goes on', () => {
    const day = periodEnding('2026-03-09', 1);
    expect(boundsBefore(zone, day, new Date('2026-03-09T03:00:00Z'))).toEqual({
      from_ts: '2026-03-01T15:00:00.000Z',
      to_ts: '2026-03-02T03:00:00.000Z',
    });
    expect(boundsBefore(zone, day, new Date('2026-03-11T03:00:00Z'))).toEqual(
      periodBounds(zone, periodEnding('2026-03-02', 1)),
    );
  });

  it('is as many weeks back as it needs for not to overlap', () => {
    const now = new Date('2026-04-01T00:00:00Z');
    expect(boundsBefore(zone, periodEnding('2026-03-28', 28), now)).toEqual(
      periodBounds(zone, { first: '2026-02-01', last: '2026-02-28' }),
    );
  });
});
