/** What a shop has to go by, and how well phones are placed by it: one table. */
import type { Layout } from '../../src/model/layout.ts';
import type { Classifier } from '../../src/positioning/classifier.ts';
import { judge, type Result, type Run } from './judge.ts';
import type { Stretch } from './recordings.ts';

/** A method by all that was surveyed, and by either half of the places. */
export interface Contestant {
  readonly whole: Classifier;
  readonly parts: ReadonlyArray<Classifier>;
}

/** What every method is judged by; `standing` is each half of the places, by a survey of the other. */
export interface Trials {
  readonly moving: ReadonlyArray<Stretch>;
  readonly weaker: ReadonlyArray<Stretch>;
  readonly sparse: ReadonlyArray<Stretch>;
  readonly dead: ReadonlyArray<Stretch>;
  readonly standing: ReadonlyArray<ReadonlyArray<Stretch>>;
}

/** Published figures of the script that this replaces, on other walks in the same room. */
const SCRIPT = [
  '| the script | 23.7 | 23.7 | 0 | 0 | 2.1 | 4.5 | |\n',
  '| the script with its uncertain answers | 36.8 | 36.8 | 0 | 0 | 29.9 | 4.0 | |\n',
];

const HEAD =
  '| | moving | 8 dB weaker | 1 packet | one sensor dead | standing | m moving | false switches/min standing |\n' +
  '|---|---|---|---|---|---|---|---|\n';

const percent = ({ zone_accuracy, standardError }: Result): string =>
  `${(100 * (zone_accuracy ?? 0)).toFixed(1)} ± ${(100 * standardError).toFixed(1)}`;

const rowOf = (
  layout: Layout,
  trials: Trials,
  name: string,
  { whole, parts }: Contestant,
): string => {
  const by = (stretches: ReadonlyArray<Stretch>): Result => judge([[whole, stretches]], layout);
  const moving = by(trials.moving);
  const halves = [...parts].reverse();
  const standing = judge(
    trials.standing.map((half, index): Run => [halves[index] ?? whole, half]),
    layout,
  );
  const cells = [moving, by(trials.weaker), by(trials.sparse), by(trials.dead), standing];
  return (
    `| ${name} | ${cells.map(percent).join(' | ')} | ${(moving.mean_error_m ?? 0).toFixed(2)} | ` +
    `${(standing.false_switches_per_minute ?? 0).toFixed(2)} |\n`
  );
};

export const headToHead = (
  layout: Layout,
  trials: Trials,
  contestants: ReadonlyArray<readonly [string, Contestant]>,
): ReadonlyArray<string> => [
  HEAD,
  ...SCRIPT,
  ...contestants.map(([name, contestant]) => rowOf(layout, trials, name, contestant)),
];
