import { Await } from '../../components/Await.tsx';
import { ChangeMark } from '../../components/ChangeMark.tsx';
import { CsvButton } from '../../components/CsvButton.tsx';
import { LiveDot } from '../../components/LiveDot.tsx';
import { Tile } from '../../components/Tile.tsx';
import { useDefinitions } from '../../components/useDefinitions.ts';
import { useLiveOccupancy } from '../../hooks/useLiveOccupancy.ts';
import { type Overview, useOverview } from '../../hooks/useOverview.ts';
import { useWords } from '../../i18n/context.tsx';
import type { Period } from '../../model/period.ts';
import type { Table } from '../../model/table.ts';
import { changeOf, KEY_FIGURES, shown } from './keyFigures.ts';

const useTable = ({ now, before }: Overview): Table => {
  const { t, format } = useWords();
  const peak = (hour: number | null | undefined) =>
    typeof hour === 'number' ? format.hour(hour) : null;
  return {
    columns: [t('kpi.figure'), t('kpi.value'), t('kpi.before')],
    rows: [
      ...KEY_FIGURES.map((figure) => [
        t(figure.name),
        figure.value(now),
        before ? figure.value(before) : null,
      ]),
      [t('kpi.peak'), peak(now.peak_hour), peak(before?.peak_hour)],
    ],
  };
};

const OccupancyTile = () => {
  const { t, format } = useWords();
  const define = useDefinitions();
  const { total } = useLiveOccupancy();
  return (
    <Tile
      name={t('kpi.occupancy')}
      definition={define('kpi.occupancy_def')}
      value={total === undefined ? '–' : format.count(total)}
      isBusy={total === undefined}
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

const Tiles = ({ overview }: { readonly overview: Overview }) => {
  const { t, format } = useWords();
  const define = useDefinitions();
  const { now, before } = overview;
  return (
    <dl className="tiles">
      {KEY_FIGURES.map((figure) => (
        <Tile
          key={figure.name}
          name={t(figure.name)}
          definition={define(figure.definition)}
          value={shown(figure, now, format)}
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

const Loaded = ({ overview, isBusy }: { overview: Overview; isBusy: boolean }) => {
  const { t } = useWords();
  const table = useTable(overview);
  return (
    <section className="card figures" aria-label={t('kpi.title')} aria-busy={isBusy}>
      <Tiles overview={overview} />
      <div className="figures-foot">
        <CsvButton name={t('kpi.title')} table={table} />
      </div>
    </section>
  );
};

export const KeyFigures = ({ period }: { readonly period: Period }) => {
  const { t } = useWords();
  const answer = useOverview(period);
  return (
    <Await answer={answer} name={t('kpi.title')} height={230}>
      {(overview) => <Loaded overview={overview} isBusy={answer.isPlaceholderData} />}
    </Await>
  );
};
