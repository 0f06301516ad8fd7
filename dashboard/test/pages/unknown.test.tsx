import { act, screen } from '@testing-library/react';
import { Live } from '../../src/pages/live/Live.tsx';
import { Store } from '../../src/pages/store/Store.tsx';
import { FAILED } from '../hooks/fakeClient.ts';
import { AISLE, later, onePageAtATime, QUIET, showPage } from './showPage.tsx';

onePageAtATime();

const UNCOUNTED = { ...QUIET, kpi_live: FAILED, kpi_occupancy: FAILED };
const UNKNOWN = 'How many people are in the shop is not known yet.';

describe('people who were not counted yet', () => {
  it.each([
    ['live', Live, '#/live', 'img'],
    ['store', Store, '#/store?metric=occupancy', 'button'],
  ] as const)('are not nobody on the page %s', async (_, Page, hash, role) => {
    window.location.hash = hash;
    await showPage(<Page />, UNCOUNTED);
    await later(20_000);
    screen.getByText(UNKNOWN);
    expect(screen.queryByText('Nobody is in the shop now.')).toBeNull();
    screen.getByRole(role, { name: 'Central Aisle, Aisle, Now –' });
    const cells = [...document.querySelectorAll('.plan-card tbody td')];
    expect(cells.at(-1)?.textContent).toBe('–');
  });

  it('are known once the channel has told them', async () => {
    const { channels } = await showPage(<Live />, UNCOUNTED);
    act(() => {
      channels[0]?.say('SUBSCRIBED');
      channels[0]?.broadcast('occupancy', {
        at: new Date().toISOString(),
        zones: [{ zone_id: AISLE.id, visitors: 2 }],
      });
    });
    screen.getByText('2 people in 1 zone now. Busiest is Central Aisle with 2.');
  });
});

it('says that nobody is there where nobody was counted', async () => {
  await showPage(<Live />, QUIET);
  screen.getByText('Nobody is in the shop now.');
});
