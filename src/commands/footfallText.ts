import type { Judged } from '../positioning/footfallScore.ts';
import type { footfallReport } from './footfall.ts';

const column = (value: number | string | undefined, digits = 1): string =>
  (typeof value === 'number' ? value.toFixed(digits) : (value ?? '–')).padStart(9);

const clock = (ts: number): string =>
  new Date(ts * 1000).toISOString().slice(0, 16).replace('T', ' ');

const row = (one: Judged): string =>
  `  ${clock(one.startTs)}${column(one.people)}${column(`${one.low.toFixed(0)}…${one.high.toFixed(0)}`)}` +
  `${column(one.counted)}${column(one.ids, 0)}\n`;

const verdict = ({ score, recording }: ReturnType<typeof footfallReport>): string =>
  score === undefined
    ? `\n  ${recording.ids} different ids in the whole recording; nobody counted people.\n`
    : [
        `\n  Mean error over ${score.intervals} intervals, people:`,
        `estimate ${score.estimateError}, ids taken for people ${score.naiveError}`,
        `(${score.times_better} times as far off).`,
        `\n  ${Math.round(score.coverage * 100)} % of the counts lie within the interval.`,
        `\n  Whole recording: ${recording.ids} ids, at most ${recording.most_people_counted} people at once (estimate: ${recording.most_people_estimated.toFixed(1)}).\n`,
      ].join(' ');

/** The report as a table: estimates, their 90 % intervals, counted people, ids. Times as recorded. */
export const footfallTable = (
  judged: ReadonlyArray<Judged>,
  report: ReturnType<typeof footfallReport>,
): string =>
  [
    `\n  People present, an estimate from ${report.factor.burstsPerPersonMinute.toFixed(2)} bursts per person and minute\n\n`,
    `  ${'from'.padEnd(16)}${column('people')}${column('90 %')}${column('counted')}${column('ids')}\n`,
    ...judged.map(row),
    verdict(report),
    '\n',
  ].join('');
