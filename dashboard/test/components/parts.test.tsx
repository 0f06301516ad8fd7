import { act, cleanup, fireEvent, render, screen, within } from '@testing-library/react';
import type { ReactElement } from 'react';
import { FloorPlan } from '../../src/charts/FloorPlan.tsx';
import { TrendChart } from '../../src/charts/TrendChart.tsx';
import { Await } from '../../src/components/Await.tsx';
import { ChangeMark } from '../../src/components/ChangeMark.tsx';
import { ChartCard } from '../../src/components/ChartCard.tsx';
import { DataTable } from '../../src/components/DataTable.tsx';
import { Definition } from '../../src/components/Definition.tsx';
import { PeriodPicker } from '../../src/components/PeriodPicker.tsx';
import { ApiError } from '../../src/hooks/index.ts';
import { WordsProvider } from '../../src/i18n/context.tsx';

const show = (element: ReactElement, language: 'ko' | 'en' = 'en') =>
  render(
    <WordsProvider language={language} timeZone="Asia/Seoul">
      {element}
    </WordsProvider>,
  );

afterEach(cleanup);

describe('a definition', () => {
  it('is one focus, hover or tap away, and Escape closes it', () => {
    show(<Definition name="Footfall" text="Visits of a minute." />);
    const button = screen.getByRole('button', { name: 'What Footfall means' });
    expect(screen.queryByRole('tooltip')).toBeNull();
    for (const open of [fireEvent.focus, fireEvent.click, fireEvent.pointerEnter]) {
      open(button);
      expect(screen.getByRole('tooltip').textContent).toBe('Visits of a minute.');
      fireEvent.keyDown(document, { key: 'Escape' });
      expect(screen.queryByRole('tooltip')).toBeNull();
    }
  });

  it('belongs to its button also while it is closed', () => {
    show(<Definition name="Footfall" text="Visits of a minute." />);
    const id = screen.getByRole('button').getAttribute('aria-describedby');
    expect(document.getElementById(String(id))?.textContent).toBe('Visits of a minute.');
  });
});

describe('a change', () => {
  it.each([
    [{ direction: 'up', amount: 0.125 }, false, 'good', '12.5% more'],
    [{ direction: 'up', amount: 0.125 }, true, 'bad', '12.5% more'],
    [{ direction: 'down', amount: -0.5 }, false, 'bad', '50% less'],
    [{ direction: 'same', amount: 0 }, false, '', 'No change'],
  ] as const)('%p, inverse %p, is %p and says %p', (change, isInverse, tone, words) => {
    const { container } = show(<ChangeMark change={change} isInverse={isInverse} was="8" />);
    expect(container.querySelector('.change')?.className.trim()).toBe(`change ${tone}`.trim());
    expect(container.querySelector('.unseen')?.textContent).toBe(words);
    expect(container.textContent).toContain('was 8');
  });

  it('of a rate is in points', () => {
    const change = { direction: 'down', amount: -0.034 } as const;
    const { container } = show(<ChangeMark change={change} isRate was="20%" />);
    expect(container.querySelector('.unseen')?.textContent).toBe('3.4 pp less');
  });
});

describe('a chart', () => {
  it('has a title, a sentence and all its figures in a table', () => {
    show(
      <ChartCard
        title="Funnel"
        definition="Stages."
        summary="6% reached the checkout."
        table={{
          columns: ['Stage', 'Visits'],
          rows: [
            ['Enter', 1200],
            ['Checkout', null],
          ],
        }}
      >
        <svg />
      </ChartCard>,
    );
    const card = screen.getByRole('region', { name: 'Funnel' });
    within(card).getByRole('heading', { level: 2, name: 'Funnel' });
    within(card).getByText('6% reached the checkout.');
    const table = within(card).getByRole('table', { name: 'Funnel', hidden: true });
    expect([...table.querySelectorAll('th')].map((cell) => cell.textContent)).toEqual([
      'Stage',
      'Visits',
    ]);
    expect([...table.querySelectorAll('td')].map((cell) => cell.textContent)).toEqual([
      'Enter',
      '1,200',
      'Checkout',
      '–',
    ]);
    within(card).getByRole('button', { name: 'CSV download, Funnel' });
  });
});

describe('a trend', () => {
  const bars = [5, 600, 1200].map((value, index) => ({
    key: String(index),
    tick: '',
    name: `${index}`,
    value,
    before: 900,
    isAhead: false,
  }));
  const drawn = (unit: number) => {
    const { container } = show(
      <TrendChart
        bars={bars}
        width={600}
        height={200}
        unit={unit}
        format={String}
        nowLabel="Now"
      />,
    );
    const of = (name: string) =>
      [...container.querySelectorAll('.bar')].map((bar) => Number(bar.getAttribute(name)));
    const ticks = [...container.querySelectorAll('.grid + .tick')];
    return { tops: of('y'), heights: of('height'), ticks: ticks.map((tick) => tick.textContent) };
  };

  it('has its highest bar within the picture, and the others in proportion', () => {
    const { tops, heights } = drawn(1);
    expect(Math.min(...tops)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...heights)).toBeGreaterThan(100);
    expect((heights[1] ?? 0) / (heights[2] ?? 1)).toBeCloseTo(0.5);
  });

  it('has its lines at whole units', () => {
    expect(drawn(60).ticks).toEqual(['0', '300', '600', '900', '1200']);
  });
});

describe('a table', () => {
  it('puts figures to the right, also those with a unit, and names to the left', () => {
    const table = {
      columns: ['Hour', 'Visits', 'Dwell', 'Message'],
      rows: [
        ['9시', 3, '2분 5초', null],
        ['10시', null, '40초', 'zone 7 is unknown'],
      ],
    };
    const { container } = show(<DataTable caption="Day" table={table} />);
    const sides = [...container.querySelectorAll('th')].map((cell) => cell.className);
    expect(sides).toEqual(['', 'number', 'number', '']);
  });
});

describe('the floor plan', () => {
  const zone = (id: string, x: number, y: number) => ({
    id,
    code: id,
    name: `Zone ${id}`,
    x,
    y,
    level: 0.5,
    value: '3',
    label: `Zone ${id}, Display, Visits 3`,
  });
  const zones = [zone('1', 2, 2), zone('2', 8, 2), zone('3', 5, 8)];
  const plan = (props: object) => (
    <FloorPlan
      {...{ zones, width: 600, maxHeight: 600, label: 'Plan', entranceLabel: 'In' }}
      {...props}
    />
  );

  it('lets each zone be reached, named and chosen by keyboard', () => {
    const chosen: string[] = [];
    show(plan({ selected: '2', onSelect: (id: string) => chosen.push(id) }));
    const buttons = within(screen.getByRole('group', { name: 'Plan' })).getAllByRole('button');
    expect(buttons.map((button) => button.getAttribute('aria-label')).sort()).toEqual(
      zones.map(({ label }) => label),
    );
    expect(buttons.every((button) => button.getAttribute('tabindex') === '0')).toBe(true);
    const first = screen.getByRole('button', { name: /Zone 1/ });
    expect(first.getAttribute('aria-pressed')).toBe('false');
    expect(screen.getByRole('button', { name: /Zone 2/, pressed: true })).toBeDefined();
    fireEvent.keyDown(first, { key: 'Enter' });
    fireEvent.keyDown(first, { key: ' ' });
    fireEvent.keyDown(first, { key: 'a' });
    fireEvent.click(first);
    expect(chosen).toEqual(['1', '1', '1']);
  });

  it('frames what is chosen and what the keyboard is at, over all regions', () => {
    const { container } = show(plan({ selected: '2', onSelect: () => undefined }));
    const frames = () =>
      [...container.querySelectorAll('.floor-outline')].map((frame) => frame.getAttribute('class'));
    const path = (name: string) =>
      screen.getByRole('button', { name }).querySelector('path')?.getAttribute('d');
    expect(frames()).toEqual(['floor-outline is-selected']);
    fireEvent.keyDown(document.body, { key: 'Tab' });
    act(() => screen.getByRole('button', { name: /Zone 1/ }).focus());
    expect(container.querySelector('.floor-outline.is-focused')?.getAttribute('d')).toBe(
      path('Zone 1, Display, Visits 3'),
    );
    act(() => screen.getByRole('button', { name: /Zone 1/ }).blur());
    expect(frames()).toEqual(['floor-outline is-selected']);
    cleanup();
    expect(show(plan({ selected: 'nobody' })).container.querySelector('.floor-outline')).toBeNull();
  });

  it('draws a dot for each phone', () => {
    const { container } = show(plan({ zones: zones.map((each, i) => ({ ...each, dots: i })) }));
    expect(container.querySelectorAll('.dots circle')).toHaveLength(3);
    expect(screen.getAllByRole('img', { name: /Zone/ })).toHaveLength(3);
  });

  it('stands on the entrance’s side', () => {
    const { container } = show(plan({}));
    const wordsOf = (name: string) =>
      [...container.querySelectorAll('.zone-name')].find((text) => text.textContent === name)
        ?.parentElement;
    const [far, near] = [wordsOf('Zone 3'), wordsOf('Zone 1')];
    const height = (element: Element | null | undefined) =>
      Number(/ ([\d.]+)\)/.exec(element?.getAttribute('transform') ?? '')?.[1]);
    expect(height(far)).toBeLessThan(height(near));
  });
});

describe('the period', () => {
  const today = '2026-03-09';
  const changes: object[] = [];
  const picker = (last: string, days = 1) => {
    changes.length = 0;
    const first = new Date(Date.parse(last) - (days - 1) * 86_400_000).toISOString().slice(0, 10);
    show(
      <PeriodPicker
        period={{ first, last }}
        today={today}
        onChange={(change) => changes.push(change)}
      />,
    );
  };

  it('goes back and forth by its length, and not beyond today', () => {
    picker('2026-03-05', 7);
    fireEvent.click(screen.getByRole('button', { name: 'Previous period' }));
    fireEvent.click(screen.getByRole('button', { name: 'Next period' }));
    expect(changes).toMatchObject([{ day: '2026-02-26' }, { day: undefined }]);
    cleanup();
    picker(today);
    const next = screen.getByRole('button', { name: 'Next period' });
    expect((next as HTMLButtonElement).disabled).toBe(true);
  });

  it('has lengths to choose', () => {
    picker(today);
    fireEvent.click(screen.getByRole('radio', { name: '28 days' }));
    expect(changes).toEqual([{ days: 28, hour: undefined }]);
  });
});

describe('what cannot be shown', () => {
  const answer = (error: unknown) => ({ data: undefined, error, refetch: () => asked.push(1) });
  const asked: number[] = [];

  it('is loading, or says why and can be asked for again', () => {
    show(<Await answer={answer(null)}>{() => null}</Await>);
    expect(screen.getByRole('status').textContent).toBe('Loading…');
    cleanup();
    show(<Await answer={answer(new Error('down'))}>{() => null}</Await>);
    fireEvent.click(within(screen.getByRole('alert')).getByRole('button', { name: 'Try again' }));
    expect(asked).toEqual([1]);
    cleanup();
    show(
      <Await answer={answer(new Error('down'))} name="Funnel">
        {() => null}
      </Await>,
    );
    screen.getByText('Funnel: could not be loaded.');
    cleanup();
    show(<Await answer={answer(new ApiError('no', '42501', 403))}>{() => null}</Await>);
    expect(screen.getByRole('alert').textContent).toBe('You may not see this store.');
  });

  it('leaves figures that are there, though asking again failed', () => {
    show(
      <Await answer={{ data: 5, error: new Error('down'), refetch: () => undefined }}>
        {(figure) => <p>{figure}</p>}
      </Await>,
    );
    screen.getByText('5');
  });
});
