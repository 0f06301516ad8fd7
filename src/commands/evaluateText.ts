import type { Score } from '../positioning/score.ts';

const row = (label: string, value: string): string =>
  `  ${label.padEnd(34)}${value.padStart(10)}\n`;
const percent = (value: number | null): string =>
  value === null ? '–' : `${(value * 100).toFixed(1)} %`;
const figure = (value: number | null, unit = ''): string =>
  value === null ? '–' : `${value.toFixed(2)}${unit}`;

/** The score as a person reads it. */
export const scoreTable = (score: Score): string =>
  [
    '\n',
    row('windows judged', `${score.judged}`),
    row('of phones', `${score.phones}`),
    row('zone accuracy', percent(score.zone_accuracy)),
    row('zone or its neighbour', percent(score.within_one_zone)),
    row('mean error', figure(score.mean_error_m, ' m')),
    row('median error', figure(score.median_error_m, ' m')),
    row('90th percentile', figure(score.p90_error_m, ' m')),
    row('expected calibration error', figure(score.ece)),
    row('false switches per minute', figure(score.false_switches_per_minute)),
  ].join('');

/** The same in one line. */
export const scoreLine = ({ zone_accuracy, mean_error_m, judged }: Score): string =>
  judged === 0
    ? '  No assignment lies in a window, or within 5 s, of a known place.\n'
    : `  Zone accuracy ${percent(zone_accuracy)}, mean error ${figure(mean_error_m, ' m')}, over ${judged} assignments\n`;
