import { Command, InvalidArgumentError } from 'commander';
import { either as E } from 'fp-ts';
import { BURST_POLICY } from '../positioning/bursts.ts';
import {
  type BurstFactor,
  DEFAULT_FACTOR,
  fitFactor,
  footfallOf,
} from '../positioning/footfall.ts';
import {
  countedOf,
  type Judged,
  judgeRecording,
  type Probe,
  scoreFootfall,
} from '../positioning/footfallScore.ts';
import { readTextFile } from '../production/textFile.ts';
import { readProbeRequests } from '../sources/probeRequests.ts';
import { footfallTable } from './footfallText.ts';
import { Misconfigured } from './settings.ts';

interface FootfallOptions {
  readonly probes: string;
  readonly every: number;
  readonly factor?: number;
  readonly spread?: number;
  readonly fit?: string;
  readonly stay?: number;
  readonly json?: true;
}

const readProbes = async (file: string, option: string): Promise<ReadonlyArray<Probe>> => {
  const text = await readTextFile(file).catch((problem: Error) => {
    throw new Misconfigured([`${option}: ${problem.message}`]);
  });
  const recording = readProbeRequests(text);
  if (E.isLeft(recording)) throw new Misconfigured([`${option}: ${file}: ${recording.left}`]);
  const { probes, unusable } = recording.right;
  for (const { reason, lines, first } of unusable)
    process.stderr.write(`  left out: ${lines} of ${file}: ${reason} (first on line ${first})\n`);
  return probes;
};

/** Learnt from another recording with --fit, given with --factor, or that of the published ones. */
const factorOf = async ({ every, factor, spread, fit }: FootfallOptions): Promise<BurstFactor> => {
  if (fit !== undefined) {
    const counted = countedOf(
      judgeRecording(await readProbes(fit, '--fit'), every, DEFAULT_FACTOR),
    );
    const fitted = fitFactor(counted);
    if (fitted === undefined)
      throw new Misconfigured([`--fit: ${fit}: nobody counted people there`]);
    // One recording shows how its own hours differ, and nothing of how stores do.
    return { ...fitted, spread: spread ?? Math.max(fitted.spread, DEFAULT_FACTOR.spread) };
  }
  return {
    burstsPerPersonMinute: factor ?? DEFAULT_FACTOR.burstsPerPersonMinute,
    spread: spread ?? DEFAULT_FACTOR.spread,
  };
};

const rounded = (value: number): number => Math.round(value * 100) / 100;

const roundAll = <A extends { readonly [K in keyof A]: number | undefined }>(values: A): A =>
  Object.fromEntries(
    Object.entries<number | undefined>(values).map(([name, value]) => [
      name,
      value === undefined ? value : rounded(value),
    ]),
  ) as A;

const largest = (values: ReadonlyArray<number>): number =>
  values.reduce((a, b) => Math.max(a, b), 0);

/** What one recording says, for people and for programs. */
export const footfallReport = (
  probes: ReadonlyArray<Probe>,
  judged: ReadonlyArray<Judged>,
  factor: BurstFactor,
  stayMinutes?: number,
) => {
  const ids = new Set(probes.map(({ phone_id }) => phone_id)).size;
  const counts = probes.flatMap(({ people }) => people ?? []);
  const score = scoreFootfall(judged);
  const footfall =
    stayMinutes === undefined
      ? []
      : judged.map((one) => footfallOf(one, one.minutes / 60, stayMinutes / 60));
  return {
    estimate: true,
    factor,
    weakest_dbm: BURST_POLICY.weakestDbm,
    recording: {
      ids,
      most_people_estimated: rounded(largest(judged.map(({ people }) => people))),
      ...(counts.length > 0 && { most_people_counted: largest(counts) }),
    },
    intervals: judged.map((one, k) => ({
      ...roundAll(one),
      ...(footfall[k] && { footfall: roundAll(footfall[k]) }),
    })),
    ...(score && {
      score: { ...roundAll(score), times_better: rounded(score.naiveError / score.estimateError) },
    }),
  };
};

const run = async (options: FootfallOptions): Promise<void> => {
  const factor = await factorOf(options);
  const probes = await readProbes(options.probes, '--probes');
  const judged = judgeRecording(probes, options.every, factor);
  const report = footfallReport(probes, judged, factor, options.stay);
  if (options.json !== true) process.stdout.write(footfallTable(judged, report));
  process.stdout.write(`${JSON.stringify(report)}\n`);
};

const positive = (text: string): number => {
  const value = Number(text);
  if (!(value > 0 && Number.isFinite(value)))
    throw new InvalidArgumentError('It must be a number above 0.');
  return value;
};

/** `npm run footfall`: how many people a recording of probe requests tells of, as an estimate. */
export const footfallCommand = (): Command =>
  new Command('footfall')
    .description('Estimates people from bursts of probe requests, beside counted people and ids.')
    .requiredOption('--probes <file>', 'CSV with datetime, src, rssi and, if counted, occupancy')
    .option('--every <minutes>', 'length of an interval', positive, 30)
    .option('--factor <n>', "the store's bursts per person and minute", positive)
    .option('--spread <n>', 'how much that varies, as a fraction of itself', positive)
    .option('--fit <file>', 'learn the factor from this recording, in which people were counted')
    .option('--stay <minutes>', 'mean length of a visit: also tells how many people came', positive)
    .option('--json', 'only the JSON')
    .action(run);
