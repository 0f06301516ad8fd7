import type { OverviewFigures } from '../../hooks/useOverview.ts';
import type { Format } from '../../i18n/format.ts';
import type { MessageKey } from '../../i18n/translate.ts';
import { type Change, rateChange, relativeChange } from '../../model/change.ts';

export interface KeyFigure {
  readonly name: MessageKey;
  readonly definition: MessageKey;
  readonly value: (figures: OverviewFigures) => number;
  readonly show: (value: number, format: Format) => string;
  readonly isRate?: boolean;
  readonly isInverse?: boolean;
  readonly isEstimate?: (figures: OverviewFigures) => boolean;
}

const count: KeyFigure['show'] = (value, format) => format.count(value);
const duration: KeyFigure['show'] = (value, format) => format.duration(value);
const percent: KeyFigure['show'] = (value, format) => format.percent(value);

/** The figures that are one number each, in their order on the page. */
export const KEY_FIGURES: ReadonlyArray<KeyFigure> = [
  {
    name: 'kpi.footfall',
    definition: 'kpi.footfall_def',
    value: ({ footfall }) => footfall,
    show: count,
    isEstimate: ({ estimates }) => estimates.includes('footfall'),
  },
  {
    name: 'kpi.unique',
    definition: 'kpi.unique_def',
    value: ({ unique_visitors }) => unique_visitors,
    show: count,
    isEstimate: ({ estimates }) => estimates.includes('unique_visitors'),
  },
  {
    name: 'kpi.dwell',
    definition: 'kpi.dwell_def',
    value: ({ mean_dwell_seconds }) => mean_dwell_seconds,
    show: duration,
  },
  {
    name: 'kpi.median',
    definition: 'kpi.median_def',
    value: ({ median_dwell_seconds }) => median_dwell_seconds,
    show: duration,
  },
  {
    name: 'kpi.bounce',
    definition: 'kpi.bounce_def',
    value: ({ bounce_rate }) => bounce_rate,
    show: percent,
    isRate: true,
    isInverse: true,
  },
  {
    name: 'kpi.engagement',
    definition: 'kpi.engagement_def',
    value: ({ engagement_rate }) => engagement_rate,
    show: percent,
    isRate: true,
  },
];

/** Nothing to compare with where there was no session before. */
export const changeOf = (
  figure: KeyFigure,
  now: OverviewFigures,
  before: OverviewFigures | undefined,
): Change => {
  const was = before && before.sessions > 0 ? figure.value(before) : undefined;
  return (figure.isRate ? rateChange : relativeChange)(figure.value(now), was);
};
