/**
 * All frames of a shop's sensors through a real mosquitto into the real pipeline: is anything lost that
 * could have been taken, and does anything grow? Prints a line every ten seconds, and a summary.
 *
 * npm run bench:frames -- [--rate 10000] [--seconds 60] [--phones 3000] [--churn 950] [--heap 1024]
 *   [--restarts 0] [--after 0] [--upload] [--keep] [--profile]
 *
 * --churn new addresses a second, --heap megabytes, --restarts of the pipeline by SIGKILL on the way,
 * --after seconds of quiet before the stop, --upload into the embedded database, --profile for
 * node --cpu-prof. Ends with exit code 1 where something was lost. Needs Debian's mosquitto.
 */
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { connectAsync } from 'mqtt';
import { isOnline } from '../../test/support/announced.ts';
import { inRepository } from '../../test/support/cli.ts';
import { startMosquitto } from '../../test/support/mosquitto.ts';
import { type Load, SENSORS } from './fleet.ts';
import { cpuSeconds, residentMb, sizeMb, writtenMb } from './process.ts';

const { values } = parseArgs({
  options: {
    rate: { type: 'string', default: '10000' },
    seconds: { type: 'string', default: '60' },
    phones: { type: 'string', default: '3000' },
    churn: { type: 'string', default: '950' },
    heap: { type: 'string', default: '1024' },
    restarts: { type: 'string', default: '0' },
    after: { type: 'string', default: '0' },
    upload: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
    profile: { type: 'boolean', default: false },
  },
});
const seconds = Number(values.seconds);

const REPORT_MS = 10_000;
/** From the last message on, until windows are closed and all is written. */
const SETTLE_MS = 8_000;

/** Tells its parent what of the heap is in use, and how long the event loop stood still at most. */
const PROBE = `data:text/javascript,${encodeURIComponent(`
  import { monitorEventLoopDelay } from 'node:perf_hooks';
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  setInterval(() => {
    process.send?.({ heapMb: Math.round(process.memoryUsage().heapUsed / 1e6), stallMs: Math.round(delay.max / 1e6) });
    delay.reset();
  }, 1000).unref();
`)}`;

const zones = (): string => {
  const places = [-2, 0, 2, 4].flatMap((y) => [-5, -3, -1, 1, 3, 5].map((x) => `${x},${y}`));
  return ['zone_id,x,y', ...places.map((place, at) => `${at + 1},${place}`)].join('\n');
};

const sensors = (): string => {
  const place = (at: number) => `${-4.5 + 3 * (at % 4)},${at < 4 ? -2 : 4}`;
  return ['sensor_id,x,y', ...SENSORS.map((id, at) => `${id},${place(at)}`)].join('\n');
};

interface Pipeline {
  readonly child: ChildProcess;
  readonly said: () => string;
  /** The most since the last call. */
  readonly worst: () => { readonly heapMb: number; readonly stallMs: number };
}

const startPipeline = (cwd: string, url: string): Pipeline => {
  const arguments_ = [
    `--max-old-space-size=${values.heap}`,
    ...(values.profile ? ['--cpu-prof', `--cpu-prof-dir=${cwd}`] : []),
    ...['--import', inRepository('node_modules/tsx/dist/loader.mjs'), '--import', PROBE],
    ...[inRepository('src/main.ts'), 'pipeline', '--no-simulate'],
  ];
  const child = spawn(process.execPath, arguments_, {
    cwd,
    env: {
      PATH: process.env['PATH'],
      MQTT_URL: url,
      ENABLE_UPLOAD: String(values.upload),
      EMBEDDED_PORT: '0',
      ZONES_FILE: join(cwd, 'zones.csv'),
      SENSORS_FILE: join(cwd, 'sensors.csv'),
    },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
  let most = { heapMb: 0, stallMs: 0 };
  child.on('message', (one: typeof most) => {
    most = {
      heapMb: Math.max(most.heapMb, one.heapMb),
      stallMs: Math.max(most.stallMs, one.stallMs),
    };
  });
  return {
    child,
    said: () => text,
    worst: () => {
      const worst = most;
      most = { heapMb: 0, stallMs: 0 };
      return worst;
    },
  };
};

/** The last value of a field of the statistics. */
const told = (said: string, field: string): number =>
  Number([...said.matchAll(new RegExp(` ${field}=([\\d.]+)`, 'g'))].at(-1)?.[1] ?? 0);

const FIELDS = ['readings', 'repeated', 'thinned', 'rejected', 'dropped', 'assignments'] as const;

const main = async (): Promise<boolean> => {
  const cwd = mkdtempSync(join(tmpdir(), 'frames-'));
  const output = join(cwd, 'output');
  mkdirSync(output);
  writeFileSync(join(cwd, 'zones.csv'), zones());
  writeFileSync(join(cwd, 'sensors.csv'), sensors());
  const broker = await startMosquitto('allow_anonymous true\nsys_interval 1');
  const children: ChildProcess[] = [];
  try {
    const monitor = await connectAsync(broker.url, { clientId: 'bench-monitor' });
    let brokerDropped = 0;
    monitor.on('message', (_topic, payload) => {
      brokerDropped = Number(payload.toString());
    });
    await monitor.subscribeAsync('$SYS/broker/publish/messages/dropped');
    const totals = Object.fromEntries(FIELDS.map((field) => [field, 0]));
    let pipeline = startPipeline(cwd, broker.url);
    children.push(pipeline.child);
    await isOnline(broker.url);

    const load: Load = {
      port: Number(new URL(broker.url).port),
      rate: Number(values.rate),
      seconds,
      phones: Number(values.phones),
      churn: Number(values.churn),
    };
    let sent = 0;
    const path = fileURLToPath(new URL('fleet.ts', import.meta.url));
    const fleet = fork(path, ['publish', JSON.stringify(load)], { execArgv: process.execArgv });
    children.push(fleet);
    fleet.on('message', (message: { sent: number }) => {
      sent = message.sent;
    });
    const published = once(fleet, 'exit');

    const beganAt = Date.now();
    const secondsSince = (): number => Math.round((Date.now() - beganAt) / 1000);
    let last = {
      at: beganAt,
      cpu: cpuSeconds(pipeline.child.pid ?? 0),
      broker: cpuSeconds(broker.pid()),
    };
    const report = (): void => {
      const pid = pipeline.child.pid ?? 0;
      if (pipeline.child.exitCode !== null || pipeline.child.signalCode !== null) {
        process.stdout.write(
          `${secondsSince()} s: the pipeline has ended\n${pipeline.said().slice(-1_500)}\n`,
        );
        return;
      }
      const now = { at: Date.now(), cpu: cpuSeconds(pid), broker: cpuSeconds(broker.pid()) };
      const share = (used: number) => Math.round((100_000 * used) / (now.at - last.at));
      const line = {
        s: secondsSince(),
        sent,
        cpu: share(now.cpu - last.cpu),
        brokerCpu: share(now.broker - last.broker),
        rssMb: residentMb(pid),
        ...pipeline.worst(),
        checkpointMb: sizeMb(output, 'checkpoint'),
        diskMb: sizeMb(output),
        writtenMb: writtenMb(pid),
      };
      last = now;
      process.stdout.write(`${JSON.stringify(line)}\n`);
    };
    const reporting = setInterval(report, Math.min(REPORT_MS, (seconds * 1000) / 3));
    const tally = (): void => {
      for (const field of FIELDS)
        totals[field] = (totals[field] ?? 0) + told(pipeline.said(), field);
    };
    for (let restart = 1; restart <= Number(values.restarts); restart += 1) {
      await sleep((seconds * 1000) / (Number(values.restarts) + 1));
      pipeline.child.kill('SIGKILL');
      await once(pipeline.child, 'exit');
      tally();
      const restartedAt = Date.now();
      pipeline = startPipeline(cwd, broker.url);
      children.push(pipeline.child);
      await isOnline(broker.url);
      last = { ...last, cpu: 0 };
      process.stdout.write(`restarted in ${Date.now() - restartedAt} ms\n`);
    }
    await published;
    await sleep(SETTLE_MS + 1000 * Number(values.after));
    clearInterval(reporting);
    report();
    const ended = once(pipeline.child, 'exit');
    pipeline.child.kill('SIGTERM');
    const [code] = await ended;
    tally();
    await monitor.endAsync();
    const { readings = 0, repeated = 0, thinned = 0, rejected = 0, dropped = 0 } = totals;
    const taken = readings + repeated + thinned + rejected;
    process.stdout.write(
      `published ${sent}, taken ${taken} (${FIELDS.map((field) => `${field} ${totals[field]}`).join(', ')}), ` +
        `dropped by the broker ${brokerDropped}, missing ${sent - taken - dropped}, exit code ${code}\n`,
    );
    return code === 0 && taken === sent;
  } finally {
    for (const child of children) child.kill('SIGKILL');
    await broker.remove();
    if (values.keep) process.stdout.write(`kept: ${cwd}\n`);
    else rmSync(cwd, { recursive: true, force: true });
  }
};

process.exitCode = (await main()) ? 0 : 1;
