/**
 * How far the estimate of people is from people counted, beside ids taken for people: the factor is
 * learnt on each recording and judged on every other one. Recordings with people counted, one room in
 * 2022 and 2024: github.com/tomas-fryza/probe-request-project (MIT).
 *
 * npm run bench:footfall -- position_1__….csv position_2__….csv
 */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import { either as E } from 'fp-ts';
import { DEFAULT_FACTOR, fitFactor } from '../src/positioning/footfall.ts';
import { countedOf, judgeRecording, scoreFootfall } from '../src/positioning/footfallScore.ts';
import { readProbeRequests } from '../src/sources/probeRequests.ts';

const MINUTES = [10, 30, 60];
const TIMES_BETTER = 10;

const read = (file: string) => {
  const recording = readProbeRequests(readFileSync(file, 'utf8'));
  if (E.isLeft(recording)) throw new Error(`${file}: ${recording.left}`);
  return { name: basename(file, '.csv'), probes: recording.right.probes };
};

const { positionals } = parseArgs({ allowPositionals: true });
const recordings = positionals.map(read);
if (recordings.length < 2) throw new Error('give at least two recordings with people counted');

const print = (...cells: ReadonlyArray<string | number>) =>
  process.stdout.write(`| ${cells.join(' | ')} |\n`);

print(
  'minutes',
  'learnt on',
  'judged on',
  'factor',
  'people',
  'error',
  'ids: error',
  'times',
  '90 %',
);
print(...Array.from({ length: 9 }, () => '---'));
for (const minutes of MINUTES)
  for (const from of recordings)
    for (const on of recordings.filter((one) => one !== from)) {
      const fitted = fitFactor(countedOf(judgeRecording(from.probes, minutes, DEFAULT_FACTOR)));
      if (fitted === undefined) throw new Error(`${from.name}: nobody counted people`);
      const factor = { ...fitted, spread: Math.max(fitted.spread, DEFAULT_FACTOR.spread) };
      const score = scoreFootfall(judgeRecording(on.probes, minutes, factor));
      if (score === undefined) throw new Error(`${on.name}: nobody counted people`);
      const times = score.naiveError / score.estimateError;
      print(
        minutes,
        from.name,
        on.name,
        factor.burstsPerPersonMinute.toFixed(2),
        score.meanPeople.toFixed(1),
        score.estimateError.toFixed(2),
        score.naiveError.toFixed(1),
        times.toFixed(0),
        `${(score.coverage * 100).toFixed(0)} %`,
      );
      if (times < TIMES_BETTER) process.exitCode = 1;
    }
