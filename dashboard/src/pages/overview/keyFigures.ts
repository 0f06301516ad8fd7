import type { OverviewFigures } from '../../hooks/useOverview.ts';
import type { People } from '../../hooks/usePeople.ts';
import type { Format } from '../../i18n/format.ts';
import type { MessageKey } from '../../i18n/translate.ts';
import { type Change, NO_CHANGE, rateChange, relativeChange } from '../../model/change.ts';
import type { Estimate } from '../../model/estimate.ts';

export interface KeyFigure {
  readonly name: MessageKey;
  readonly definition: MessageKey;
  /** Null where there is nothing to make it of. */
  readonly value: (figures: OverviewFigures) => number | null;
  readonly show: (value: number, format: Format) => string;
  readonly isRate?: boolean;
  readonly isInverse?: boolean;
  /** Phones stand for people. */
  readonly isEstimate?: boolean;
  /** What is said of people beside it. */
  readonly people?: (people: People) => Estimate | undefined;
}

const count: KeyFigure['show'] = (value, format) => format.count(value);
const duration: KeyFigure['show'] = (value, format) => format.duration(value);
const percent: KeyFigure['show'] = (value, format) => format.percent(value);

/** A mean or a share of visits: of none, it is none. */
const ofVisits =
  (value: (figures: OverviewFigures) => number): KeyFigure['value'] =>
  (figures) =>
    figures.footfall > 0 ? value(figures) : null;

/** The figures that are one number each, in their order on the page. */
export const KEY_FIGURES: ReadonlyArray<KeyFigure> = [
  {
    name: 'kpi.footfall',
    definition: 'kpi.footfall_def',
    value: ({ footfall }) => footfall,
    show: count,
    isEstimate: true,
    people: ({ came }) => came,
  },
  {
    name: 'kpi.unique',
    definition: 'kpi.unique_def',
    value: ({ unique_visitors }) => unique_visitors,
    show: count,
    isEstimate: true,
  },
  {
    name: 'kpi.dwell',
    definition: 'kpi.dwell_def',
    value: ofVisits(({ mean_dwell_seconds }) => mean_dwell_seconds),
    show: duration,
  },
  {
    name: 'kpi.median',
    definition: 'kpi.median_def',
    value: ofVisits(({ median_dwell_seconds }) => median_dwell_seconds),
    show: duration,
  },
  {
    name: 'kpi.bounce',
    definition: 'kpi.bounce_def',
    value: (figures) => (figures.sessions > 0 ? figures.bounce_rate : null),
    show: percent,
    isRate: true,
    isInverse: true,
  },
  {
    name: 'kpi.engagement',
    definition: 'kpi.engagement_def',
    value: ofVisits(({ engagement_rate }) => engagement_rate),
    show: percent,
    isRate: true,
  },
];

/** A figure as people read it. */
export const shown = (figure: KeyFigure, figures: OverviewFigures, format: Format): string => {
  const value = figure.value(figures);
  return value === null ? '–' : figure.show(value, format);
};

/** Nothing to compare with where there was no session before. */
export const changeOf = (
  figure: KeyFigure,
  now: OverviewFigures,
  before: OverviewFigures | undefined,
): Change => {
  const is = figure.value(now);
  const was = before && before.sessions > 0 ? (figure.value(before) ?? undefined) : undefined;
  return is === null ? NO_CHANGE : (figure.isRate ? rateChange : relativeChange)(is, was);
};
