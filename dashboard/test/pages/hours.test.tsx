import { fireEvent, screen } from '@testing-library/react';
import type { OverviewFigures } from '../../src/hooks/useOverview.ts';
import { Overview } from '../../src/pages/overview/Overview.tsx';
import { Store } from '../../src/pages/store/Store.tsx';
import { type Answers, FAILED } from '../hooks/fakeClient.ts';
import { AISLE, later, onePageAtATime, QUIET, showPage } from './showPage.tsx';

onePageAtATime();

const ALL = Array.from({ length: 24 }, (_, hour) => hour);
const SPRING = ALL.filter((hour) => hour !== 2);
const AUTUMN = ALL.flatMap((hour) => (hour === 2 ? [2, 2] : [hour]));

const hoursOf = (day: string, from: string, hours: ReadonlyArray<number>) => ({
  data: hours.map((hour, index) => ({
    hour_start: new Date(Date.parse(from) + index * 3_600_000).toISOString(),
    day,
    hour,
    footfall: hour === 10 ? 5 : 0,
    mean_dwell_seconds: 60,
  })),
});

const SPRING_DAY = hoursOf('2026-03-29', '2026-03-28T23:00:00Z', SPRING);
const AUTUMN_DAY = hoursOf('2026-10-25', '2026-10-24T22:00:00Z', AUTUMN);

describe('the plan of an hour', () => {
  const row = { zone_id: AISLE.id, entrants: 99, reach: 1, mean_dwell_seconds: 60 };
  const open = (hash: string, kpi_hourly: Answers[string]) => {
    window.location.hash = hash;
    const answers = { ...QUIET, kpi_zones: { data: [row] }, kpi_hourly };
    return showPage(<Store />, answers);
  };
  const askedFor = (asked: ReadonlyArray<{ name: string; args: unknown }>) =>
    asked.filter(({ name }) => name === 'kpi_zones').map(({ args }) => args);

  it('is of that hour', async () => {
    const { asked } = await open('#/store?day=2026-03-29&hour=3', SPRING_DAY);
    expect(askedFor(asked)).toEqual([
      {
        store_id: 'a',
        from_ts: '2026-03-29T01:00:00.000Z',
        to_ts: '2026-03-29T02:00:00.000Z',
      },
    ]);
    screen.getByRole('button', { name: 'Central Aisle, Aisle, Dwell 1m' });
  });

  it('is of both where it comes twice', async () => {
    const { asked } = await open('#/store?day=2026-10-25&hour=2', AUTUMN_DAY);
    expect(askedFor(asked)).toMatchObject([
      { from_ts: '2026-10-25T00:00:00.000Z', to_ts: '2026-10-25T02:00:00.000Z' },
    ]);
  });

  it('is none where the day lacks it, and another can be chosen', async () => {
    const { asked } = await open('#/store?day=2026-03-29&hour=2', SPRING_DAY);
    screen.getByText('This day has no such hour.');
    expect(askedFor(asked)).toEqual([]);
    fireEvent.click(screen.getByRole('button', { name: 'Whole day' }));
    await later(1_000);
    screen.getByRole('button', { name: 'Central Aisle, Aisle, Dwell 1m' });
  });

  it('is none while the hours cannot be had', async () => {
    const { asked } = await open('#/store?day=2026-03-29&hour=3', FAILED);
    await later(10_000);
    expect(screen.getByRole('alert').textContent).toContain('Floor plan: could not be loaded.');
    expect(askedFor(asked)).toEqual([]);
    fireEvent.click(screen.getByRole('button', { name: 'Whole day' }));
    await later(1_000);
    screen.getByRole('button', { name: 'Central Aisle, Aisle, Dwell 1m' });
  });
});

it('compares an hour with the hour of that name', async () => {
  window.location.hash = '#/overview?day=2026-03-29';
  const none = { footfall: 0 } as OverviewFigures;
  const { container } = await showPage(<Overview />, {
    ...QUIET,
    kpi_compare: { data: [none, none] },
    kpi_hourly: ({ day_from }: { day_from: string }) =>
      day_from === '2026-03-29' ? SPRING_DAY : hoursOf(day_from, '2026-03-21T23:00:00Z', ALL),
  });
  const rows = [...container.querySelectorAll('.overview-charts table')][0]?.querySelectorAll('tr');
  const visits = [...(rows ?? [])].map((each) => {
    const cells = [...each.querySelectorAll('td')].map(({ textContent }) => textContent);
    return [cells[0], cells[1], cells[3]].join(' ');
  });
  expect(visits).toContain('10:00 5 5');
  expect(visits).toContain('09:00 0 0');
});
