import { jest } from '@jest/globals';
import { act, fireEvent, screen } from '@testing-library/react';
import { Shell } from '../../src/app/Shell.tsx';
import { useZones } from '../../src/hooks/index.ts';
import { Live } from '../../src/pages/live/Live.tsx';
import { Overview } from '../../src/pages/overview/Overview.tsx';
import { Store } from '../../src/pages/store/Store.tsx';
import { AISLE, later, onePageAtATime, QUIET, showPage } from './showPage.tsx';

onePageAtATime();

describe('a store without zones', () => {
  it.each([
    ['store', Store],
    ['live', Live],
  ])('says so on the page %s, and draws no plan', async (_, Page) => {
    const { container } = await showPage(<Page />, { ...QUIET, zones_dim: { data: [] } });
    screen.getByText('This store has no zones yet.');
    expect(container.querySelector('svg.floor')).toBeNull();
  });
});

it('reads a time zone that nobody knows as UTC', async () => {
  const nowhere = { data: [{ time_zone: 'Asia/Seol' }] };
  const { asked } = await showPage(<Overview />, { ...QUIET, kpi_thresholds: nowhere });
  const bounds = asked.find(({ name }) => name === 'kpi_funnel')?.args;
  expect(bounds).toMatchObject({ from_ts: '2026-11-20T00:00:00.000Z' });
});

it('takes zones to be in use unless it is said that they are not', async () => {
  const Names = () =>
    useZones()
      .data?.map(({ name }) => name)
      .join();
  const { asked } = await showPage(<Names />, QUIET);
  screen.getByText('Central Aisle');
  expect(asked.find(({ name }) => name === 'zones_dim')?.args).toEqual([
    ['store_id', 'a'],
    ['is_active', 'is', false],
  ]);
});

describe('a page that cannot be drawn', () => {
  const store = { id: 'a', name: 'Flagship', timeZone: 'Europe/Berlin' };
  const shell = <Shell store={store} stores={[store]} onSignOut={() => undefined} />;
  const nameless = { data: [{ ...AISLE, zone_name: null }] };
  const open = (hash: string) =>
    act(() => {
      window.location.hash = hash;
      window.dispatchEvent(new Event('hashchange'));
    });
  const broken = async () => {
    jest.spyOn(console, 'error').mockImplementation(() => undefined);
    jest.spyOn(window, 'scrollTo').mockImplementation(() => undefined);
    open('#/live');
    const answers = { ...QUIET, zones_dim: nameless };
    await showPage(shell, answers);
    return answers;
  };

  it('says so, and leaves the others', async () => {
    await broken();
    expect(screen.getByRole('alert').textContent).toContain('This page could not be shown.');
    open('#/pipeline');
    await later(1_000);
    expect(screen.queryByText('This page could not be shown.')).toBeNull();
    screen.getByRole('heading', { level: 1, name: 'Pipeline' });
  });

  it('is loaded again on request, with figures of then', async () => {
    const answers = await broken();
    answers.zones_dim = QUIET['zones_dim'] as never;
    fireEvent.click(screen.getByRole('button', { name: 'Load the page again' }));
    await later(1_000);
    screen.getByRole('heading', { level: 1, name: 'Live' });
    screen.getByRole('img', { name: /Central Aisle/ });
  });
});
