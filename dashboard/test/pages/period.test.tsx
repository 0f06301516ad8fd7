import { fireEvent, screen, within } from '@testing-library/react';
import { useZones } from '../../src/hooks/index.ts';
import { Customers } from '../../src/pages/customers/Customers.tsx';
import { Overview } from '../../src/pages/overview/Overview.tsx';
import { Store } from '../../src/pages/store/Store.tsx';
import { FAILED } from '../hooks/fakeClient.ts';
import { later, onePageAtATime, QUIET, showPage } from './showPage.tsx';

onePageAtATime();

const ALL_TRIES_MS = 8_000;

describe.each([
  ['overview', Overview],
  ['store', Store],
  ['customers', Customers],
])('the page %s, where the store’s settings cannot be had', (_, Page) => {
  const failing = async () => {
    const answers = { ...QUIET, kpi_thresholds: FAILED };
    const shown = await showPage(<Page />, answers);
    await later(ALL_TRIES_MS);
    return { ...shown, isWell: () => Object.assign(answers, QUIET) };
  };

  it('says so, and asks again when it is told to', async () => {
    const { isWell } = await failing();
    const failure = screen.getByRole('alert');
    expect(failure.textContent).toContain('Could not load this.');
    isWell();
    fireEvent.click(within(failure).getByRole('button', { name: 'Try again' }));
    await later(1_000);
    screen.getByRole('button', { name: 'Next period' });
  });

  it('asks again by itself', async () => {
    const { isWell } = await failing();
    isWell();
    await later(31_000);
    screen.getByRole('button', { name: 'Next period' });
  });
});

it('asks for the zones until they are there, and hardly ever from then on', async () => {
  const Names = () =>
    useZones()
      .data?.map(({ name }) => name)
      .join();
  const answers = { ...QUIET, zones_dim: FAILED };
  const { asked } = await showPage(<Names />, answers);
  await later(ALL_TRIES_MS);
  Object.assign(answers, QUIET);
  await later(31_000);
  screen.getByText('Central Aisle');
  const times = asked.length;
  await later(5 * 60_000);
  expect(asked).toHaveLength(times);
});
