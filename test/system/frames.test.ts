import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { inRepository } from '../support/cli.ts';

/** The bench of all frames, made small: so that it still runs when somebody needs it. */
it('all frames of eight sensors at QoS 0 come through a real broker into the pipeline, and the bench says so', async () => {
  const bench = spawn(
    process.execPath,
    [
      ...['--import', inRepository('node_modules/tsx/dist/loader.mjs')],
      inRepository('bench/frames/frames.ts'),
      ...['--rate', '500', '--seconds', '6', '--phones', '100', '--churn', '20'],
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let said = '';
  for (const stream of [bench.stdout, bench.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  const [code] = await once(bench, 'close');
  const [, sent, taken] = /published (\d+), taken (\d+) /.exec(said) ?? [];
  expect(said).toMatch(/"rssMb":\d+,"heapMb":\d+,"stallMs":\d+,"checkpointMb":[\d.]+/);
  expect(said).toContain('dropped by the broker 0, missing 0, exit code 0');
  expect(Number(sent)).toBeGreaterThan(1_000);
  expect(taken).toBe(sent);
  expect(code).toBe(0);
}, 120_000);
