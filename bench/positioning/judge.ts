import type { Layout } from '../../src/model/layout.ts';
import { classify, NO_BELIEFS } from '../../src/operators/classifyZones.ts';
import type { Classifier } from '../../src/positioning/classifier.ts';
import { type Score, scoreAssignments } from '../../src/positioning/score.ts';
import type { Stretch } from './recordings.ts';

/** Figures of one method over all stretches, and the standard error of its accuracy. */
export interface Result extends Score {
  readonly standardError: number;
}

export type Run = readonly [Classifier, ReadonlyArray<Stretch>];

const place = (classifier: Classifier, { vectors }: Stretch) =>
  classify(classifier, NO_BELIEFS, vectors, Number.POSITIVE_INFINITY).assignments;

/** Stretches one after the other, each of a phone of its own; errors on one walk are no evidence of each other. */
export const judge = (runs: ReadonlyArray<Run>, layout: Layout): Result => {
  const parts = runs.flatMap(([classifier, stretches]) =>
    stretches.map((stretch) => ({ ...stretch, assignments: place(classifier, stretch) })),
  );
  const apart = <A extends { readonly ts: number }>(items: ReadonlyArray<A>, part: number) =>
    items.map((item) => ({ ...item, ts: item.ts + part * 1e6, phone_id: `${part}` }));
  const score = scoreAssignments(
    parts.flatMap(({ assignments }, part) => apart(assignments, part)),
    parts.flatMap(({ truth }, part) => apart(truth, part)),
    layout,
  );
  const accuracy = score.zone_accuracy ?? 0;
  const excess = new Map<string, number>();
  for (const { walk, assignments, truth } of parts) {
    const one = scoreAssignments(assignments, truth, layout);
    const more = one.judged * ((one.zone_accuracy ?? 0) - accuracy);
    excess.set(walk, (excess.get(walk) ?? 0) + more);
  }
  const squares = [...excess.values()].reduce((sum, value) => sum + value ** 2, 0);
  return { ...score, standardError: Math.sqrt(squares) / score.judged };
};

const percent = (value: number | null): string => ((value ?? 0) * 100).toFixed(1);
const fixed = (value: number | null): string => (value === null ? '–' : value.toFixed(2));

export const HEAD =
  '| method | zone % ± s.e. | ±1 zone % | mean m | median m | 90 % m | ECE | false switches/min |\n' +
  '|---|---|---|---|---|---|---|---|\n';

/** A line of the table in docs/positioning.md. */
export const rowOf = (name: string, result: Result): string =>
  `| ${name} | ${percent(result.zone_accuracy)} ± ${percent(result.standardError)} | ` +
  `${percent(result.within_one_zone)} | ${fixed(result.mean_error_m)} | ` +
  `${fixed(result.median_error_m)} | ${fixed(result.p90_error_m)} | ${fixed(result.ece)} | ` +
  `${fixed(result.false_switches_per_minute)} |\n`;
