/**
 * Plays seeds of the whole-pipeline simulation and says what was wrong with which. Ends with exit
 * code 1 where anything was.
 *
 * npm run simulate -- [--from 1] [--seeds 1000]
 */
import { parseArgs } from 'node:util';
import { verdictOf } from './verdict.ts';

const { values } = parseArgs({
  options: {
    from: { type: 'string', default: '1' },
    seeds: { type: 'string', default: '1000' },
  },
});
const from = Number(values.from);
const seeds = Number(values.seeds);

let failed = 0;
let compared = 0;
let seed = from;
process.on('unhandledRejection', (problem) => {
  process.stdout.write(`seed ${seed} would have ended the process:\n`);
  throw problem;
});
for (; seed < from + seeds; seed += 1) {
  const { problems, isCompared } = await verdictOf(seed);
  compared += Number(isCompared);
  if (problems.length === 0) continue;
  failed += 1;
  process.stdout.write(`seed ${seed}:\n  ${problems.slice(0, 5).join('\n  ')}\n`);
}
process.stdout.write(
  `${seeds} seeds from ${from}: ${failed} failed, ${compared} compared with a faultless run\n`,
);
process.exitCode = failed === 0 ? 0 : 1;
