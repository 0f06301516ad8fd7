import { act, screen, within } from '@testing-library/react';
import type { ReactElement } from 'react';
import { Live } from '../../src/pages/live/Live.tsx';
import { Overview } from '../../src/pages/overview/Overview.tsx';
import { Pipeline } from '../../src/pages/pipeline/Pipeline.tsx';
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

describe('figures that are asked for again in vain', () => {
  const FIGURES = {
    ...{ footfall: 12, sessions: 12, unique_visitors: 3, bounces: 0, bounce_rate: 0 },
    ...{ mean_dwell_seconds: 60, median_dwell_seconds: 60, engaged: 0, engagement_rate: 0 },
    ...{ peak_hour: 3, peak_hour_footfall: 4 },
  };
  const NOON = 'Not updated since 12:00.';
  const aged = async (page: ReactElement, name: string) => {
    const answers = { ...QUIET, kpi_compare: { data: [FIGURES, FIGURES] } };
    await showPage(page, answers);
    const good = answers[name as 'kpi_compare'];
    Object.assign(answers, { [name]: FAILED });
    await later(10 * 60_000);
    return () => Object.assign(answers, { [name]: good });
  };

  it.each([
    ['kpi_compare', <Overview key="overview" />, 'Key figures'],
    ['kpi_hourly', <Overview key="overview" />, 'Day by day'],
    ['kpi_zones', <Store key="store" />, 'Floor plan'],
    ['ingest_sensors', <Pipeline key="pipeline" />, 'Sensors'],
    ['ingest_health', <Pipeline key="pipeline" />, 'The last hour'],
  ])('of %s stay, with the time at which they came', async (name, page, card) => {
    const becomeWell = await aged(page, name);
    const region = screen.getByRole('region', { name: card });
    const note = within(region).getByText(NOON);
    expect(note.getAttribute('role')).toBe('status');
    expect(screen.getAllByText(NOON)).toEqual([note]);
    becomeWell();
    await later(61_000);
    expect(screen.queryByText(NOON)).toBeNull();
  });

  it('are no figures where zones are asked for in vain', async () => {
    const answers = { ...QUIET };
    const { asked } = await showPage(<Store />, answers);
    Object.assign(answers, { zones_dim: FAILED });
    await later(11 * 60_000);
    act(() => {
      window.dispatchEvent(new Event('visibilitychange'));
    });
    await later(20_000);
    expect(asked.filter(({ name }) => name === 'zones_dim').length).toBeGreaterThan(3);
    expect(document.querySelector('.outdated')).toBeNull();
  });
});
