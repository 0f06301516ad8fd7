import { screen } from '@testing-library/react';
import { Pipeline } from '../../src/pages/pipeline/Pipeline.tsx';
import { type Answers, FAILED } from '../hooks/fakeClient.ts';
import { later, onePageAtATime, QUIET, showPage } from './showPage.tsx';

onePageAtATime();

const HEARD = {
  data: [
    { sensor_id: 'pi2', last_heard_at: '2026-11-20T10:59:50Z', seconds_since: 10 },
    { sensor_id: 'pi10', last_heard_at: '2026-11-20T10:00:00Z', seconds_since: 3_600 },
  ],
};
const LAYOUT = { data: ['pi10', 'pi3', 'pi2'].map((sensor_code) => ({ sensor_code })) };

const listed = async (sensors: Answers[string]) => {
  const answers = { ...QUIET, ingest_sensors: HEARD, sensors } as Answers;
  const { asked, container } = await showPage(<Pipeline />, answers);
  await later(10_000);
  const items = [...container.querySelectorAll('.sensors li')];
  return { asked, items: items.map(({ textContent }) => textContent) };
};

it('lists a sensor of the layout that nobody has heard', async () => {
  const { asked, items } = await listed(LAYOUT);
  expect(items).toEqual([
    'pi2Alive10s ago',
    'pi3SilentNot in the last 24 hours',
    'pi10Silent1h ago',
  ]);
  screen.getByText('1 of 3 sensors are alive.');
  expect(asked.find(({ name }) => name === 'sensors')?.args).toEqual([
    ['store_id', 'a'],
    ['is_active', 'is', false],
  ]);
});

it('lists those that were heard where the layout cannot be read', async () => {
  const { items } = await listed(FAILED);
  expect(items).toEqual(['pi2Alive10s ago', 'pi10Silent1h ago']);
  await later(52_000);
  expect(document.querySelector('.sensors')).not.toBeNull();
});
