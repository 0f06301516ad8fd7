/**
 * A busy shop for a while: does anything grow that should not? Prints memory, file descriptors and
 * sockets of the pipeline once a minute, and at the end the slope of each over the second half,
 * after warm-up. Ends with exit code 1 if memory or descriptors grew by more than a tenth in that half,
 * if fewer readings were published than should have been, or if rows stood still for a minute.
 *
 * npm run soak -- [--minutes 30] [--rate 2000] [--phones 500]
 *
 * Needs what chaos needs.
 */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { connectAsync } from 'mqtt';
import { openWorld, STORE } from './world.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '30' },
    rate: { type: 'string', default: '2000' },
    phones: { type: 'string', default: '500' },
  },
});
const minutes = Number(values.minutes);
const perSecond = Number(values.rate);
const phones = Number(values.phones);

const ROUND_MS = 100;
const ALLOWED_GROWTH = 1.1;
const ENOUGH = 0.98;

interface Sample {
  readonly minute: number;
  readonly residentMb: number;
  readonly descriptors: number;
  readonly sockets: number;
  readonly published: number;
  readonly rows: number;
}

const residentMbOf = (pid: number): number => {
  const [, kb] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Math.round(Number(kb) / 1024);
};

const linksOf = (pid: number): ReadonlyArray<string> =>
  readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/${pid}/fd/${fd}`)];
    } catch {
      return [];
    }
  });

const median = (numbers: ReadonlyArray<number>): number =>
  [...numbers].sort((a, b) => a - b)[numbers.length >> 1] ?? Number.NaN;

/** The last tenth of the run against the tenth in its middle. */
const growth = (samples: ReadonlyArray<Sample>, of: (sample: Sample) => number): number => {
  const tenth = Math.max(1, Math.round(samples.length / 10));
  const middle = samples.slice(samples.length >> 1, (samples.length >> 1) + tenth);
  return median(samples.slice(-tenth).map(of)) / median(middle.map(of));
};

const main = async (): Promise<boolean> => {
  const world = await openWorld();
  let published = 0;
  try {
    await sleep(8_000);
    const client = await connectAsync(world.broker.url, { clientId: 'soak-sensors' });
    const beganAt = Date.now();
    const due = (): number => ((Date.now() - beganAt) * perSecond) / 1000;
    const round = setInterval(() => {
      while (published < due()) {
        published += 1;
        const phone = (published * 7919) % phones;
        const reading = {
          sensor_id: `pi${1 + (published % 8)}`,
          phone_id: `a4:c3:f0:00:${(phone >> 8).toString(16).padStart(2, '0')}:${(phone & 255).toString(16).padStart(2, '0')}`,
          rssi: -40 - ((published * 31) % 45),
          ts: (Date.now() * 1000 + (published % 1000)) / 1e6,
        };
        client.publish(`neuralsense/rssi/${STORE}`, JSON.stringify(reading), { qos: 1 });
      }
    }, ROUND_MS);
    const samples: Sample[] = [];
    for (let minute = 1; minute <= minutes; minute += 1) {
      await sleep(60_000);
      const pid = world.pipeline.pid();
      const links = linksOf(pid);
      const { rows } = await world.database.pool.query('select count(*) from public.zone_events');
      const sample = {
        minute,
        residentMb: residentMbOf(pid),
        descriptors: links.length,
        sockets: links.filter((link) => link.startsWith('socket:')).length,
        published,
        rows: Number(rows[0].count),
      };
      samples.push(sample);
      process.stdout.write(`${JSON.stringify(sample)}\n`);
    }
    const share = published / due();
    clearInterval(round);
    await client.endAsync();
    await world.pipeline.end('SIGTERM');
    process.stdout.write(`${world.pipeline.said().split('\n').slice(-6).join('\n')}\n`);
    const memory = growth(samples, ({ residentMb }) => residentMb);
    const descriptors = growth(samples, (sample) => sample.descriptors);
    const standstills = samples.filter(({ rows }, k) => k > 0 && rows === samples[k - 1]?.rows);
    process.stdout.write(
      `second half: memory × ${memory.toFixed(3)}, descriptors × ${descriptors.toFixed(3)}; ` +
        `published ${(100 * share).toFixed(1)} %; minutes without a row: ${standstills.length}\n`,
    );
    return (
      memory <= ALLOWED_GROWTH &&
      descriptors <= ALLOWED_GROWTH &&
      share >= ENOUGH &&
      standstills.length === 0
    );
  } finally {
    await world.remove();
  }
};

process.exitCode = (await main()) ? 0 : 1;
