import { Await } from '../../components/Await.tsx';
import { ChangeMark } from '../../components/ChangeMark.tsx';
import { CsvButton } from '../../components/CsvButton.tsx';
import { LiveDot } from '../../components/LiveDot.tsx';
import { Outdated } from '../../components/Outdated.tsx';
import { Tile } from '../../components/Tile.tsx';
import { useDefinitions } from '../../components/useDefinitions.ts';
import { usePeopleNow, usePeopleWords } from '../../components/usePeopleWords.ts';
import { useLiveOccupancy } from '../../hooks/useLiveOccupancy.ts';
import { type Overview, useOverview } from '../../hooks/useOverview.ts';
import { type People, usePeople } from '../../hooks/usePeople.ts';
import { useBounds } from '../../hooks/usePeriodRows.ts';
import { useWords } from '../../i18n/context.tsx';
import { wholePeople } from '../../model/estimate.ts';
import type { Period } from '../../model/period.ts';
import type { Table } from '../../model/table.ts';
import { changeOf, KEY_FIGURES, shown } from './keyFigures.ts';

const NOBODY: People = { present: undefined, came: undefined };

const useTable = ({ now, before }: Overview, { came }: People): Table => {
  const { t, format } = useWords();
  const peak = (hour: number | null | undefined) =>
    typeof hour === 'number' ? format.hour(hour) : null;
  const people = came && wholePeople(came);
  return {
    columns: [t('kpi.figure'), t('kpi.value'), t('kpi.before')],
    rows: [
      ...KEY_FIGURES.map((figure) => [
        t(figure.name),
        figure.value(now),
        before ? figure.value(before) : null,
      ]),
      [t('kpi.peak'), peak(now.peak_hour), peak(before?.peak_hour)],
      ...(people
        ? [
            [t('people.came'), people.likely, null],
            [t('people.came_low'), people.low, null],
            [t('people.came_high'), people.high, null],
          ]
        : []),
    ],
  };
};

const OccupancyTile = () => {
  const { t, format } = useWords();
  const define = useDefinitions();
  const { total } = useLiveOccupancy();
  const people = usePeopleNow();
  return (
    <Tile
      name={t('kpi.occupancy')}
      definition={define('kpi.occupancy_def')}
      value={total === undefined ? '–' : format.count(total)}
      isBusy={total === undefined}
      aside={people}
      isEstimate
    >
      <LiveDot />
    </Tile>
  );
};

const PeakTile = ({ now, before }: Overview) => {
  const { t, format } = useWords();
  const peak = (hour: number | null | undefined) =>
    typeof hour === 'number' ? format.hour(hour) : t('kpi.none');
  return (
    <Tile
      name={t('kpi.peak')}
      definition={t('kpi.peak_def')}
      value={peak(now.peak_hour)}
      aside={
        now.peak_hour_footfall > 0
          ? t('kpi.peak_n', { n: format.count(now.peak_hour_footfall) })
          : undefined
      }
    >
      {before && before.footfall > 0 && (
        <span className="change">
          <span className="change-was">{t('change.was', { value: peak(before.peak_hour) })}</span>
        </span>
      )}
    </Tile>
  );
};

const Tiles = ({ overview, people }: { readonly overview: Overview; readonly people: People }) => {
  const { t, format } = useWords();
  const define = useDefinitions();
  const inWords = usePeopleWords();
  const { now, before } = overview;
  return (
    <dl className="tiles">
      {KEY_FIGURES.map((figure) => (
        <Tile
          key={figure.name}
          name={t(figure.name)}
          definition={define(figure.definition)}
          value={shown(figure, now, format)}
          aside={inWords(figure.people?.(people))}
          isEstimate={figure.isEstimate ?? false}
        >
          <ChangeMark
            change={changeOf(figure, now, before)}
            isRate={figure.isRate ?? false}
            isInverse={figure.isInverse ?? false}
            was={before ? shown(figure, before, format) : ''}
          />
        </Tile>
      ))}
      <PeakTile {...overview} />
      <OccupancyTile />
    </dl>
  );
};

interface LoadedProps {
  readonly overview: Overview;
  readonly people: People;
  readonly isBusy: boolean;
}

const Loaded = ({ overview, people, isBusy }: LoadedProps) => {
  const { t } = useWords();
  const table = useTable(overview, people);
  return (
    <section className="card figures" aria-label={t('kpi.title')} aria-busy={isBusy}>
      <Outdated />
      <Tiles overview={overview} people={people} />
      <div className="figures-foot">
        <CsvButton name={t('kpi.title')} table={table} />
      </div>
    </section>
  );
};

export const KeyFigures = ({ period }: { readonly period: Period }) => {
  const { t } = useWords();
  const answer = useOverview(period);
  const { data: people = NOBODY } = usePeople(useBounds(period));
  return (
    <Await answer={answer} name={t('kpi.title')} height={230}>
      {(overview) => (
        <Loaded overview={overview} people={people} isBusy={answer.isPlaceholderData} />
      )}
    </Await>
  );
};
