import { createReadStream, existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { createGunzip } from 'node:zlib';
import { Command, InvalidArgumentError, Option } from 'commander';
import { isPacked } from '../../production/files/packedDisk.ts';
import { rssiTopicOf } from '../../scriptSettings.ts';
import type { TlsMaterial } from '../../sources/mqttOptions.ts';
import { loadConfig, readEmbeddedEnv, readTls } from '../settings.ts';
import { type Fleet, openFleet } from './fleet.ts';
import { type Playback, playbackFrom, playedAt, waitMs } from './playback.ts';
import { type Recorded, readRecorded } from './recorded.ts';

interface PublishOptions {
  readonly readings: string;
  readonly speed: number;
  readonly url?: string;
  readonly topic?: string;
  readonly username?: string;
  readonly password?: string;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly certificates?: string;
}

const EMBEDDED_ENV = '.neuralsense/embedded.env';
const PROGRESS_MS = 1_000;

const say = (line: string) => process.stderr.write(`${line}\n`);
const unixSeconds = () => Date.now() / 1000;

const speed = (text: string): number => {
  const value = Number(text);
  if (!(value > 0 && Number.isFinite(value)))
    throw new InvalidArgumentError('It must be a number above 0.');
  return value;
};

/** The usable lines of a recording, in file order; each other line is reported by its number. */
async function* recordedLines(file: string): AsyncGenerator<Recorded> {
  let number = 0;
  const bytes = createReadStream(file);
  const input = isPacked(file) ? bytes.pipe(createGunzip()) : bytes;
  for await (const line of createInterface({ input })) {
    number += 1;
    if (line.trim() === '') continue;
    const recorded = readRecorded(line);
    if (typeof recorded === 'string') say(`${file} line ${number}: ${recorded}; left out`);
    else yield recorded;
  }
}

/** Each sensor's own certificate from the folder; without one the same for all. */
const tlsOf =
  ({ ca, cert, key, certificates }: PublishOptions) =>
  (sensorId: string): TlsMaterial =>
    readTls(
      certificates === undefined
        ? { MQTT_CA_FILE: ca, MQTT_CERT_FILE: cert, MQTT_KEY_FILE: key }
        : {
            MQTT_CA_FILE: join(certificates, 'ca.pem'),
            MQTT_CERT_FILE: join(certificates, 'sensors', `${sensorId}.pem`),
            MQTT_KEY_FILE: join(certificates, 'sensors', `${sensorId}.key`),
          },
    );

const progress = (fleet: Fleet): string =>
  `published ${fleet.published()}, acknowledged ${fleet.acknowledged()}, sensors ${fleet.sensors()}`;

const play = async (options: PublishOptions, fleet: Fleet): Promise<void> => {
  let playback: Playback | undefined;
  for await (const { ts, sensorId, fields } of recordedLines(options.readings)) {
    await fleet.join(sensorId);
    playback ??= playbackFrom(ts, unixSeconds(), options.speed);
    const due = playedAt(playback, ts);
    await sleep(waitMs(due, unixSeconds()));
    await fleet.publish(sensorId, JSON.stringify({ ...fields, ts: due }));
  }
  await fleet.settled();
};

const publish = async (options: PublishOptions, command: Command): Promise<void> => {
  const config = loadConfig();
  // Last, the broker of a pipeline that runs in this directory with its embedded default.
  const url = options.url ?? config.MQTT_URL ?? readEmbeddedEnv()['MQTT_URL'];
  if (url === undefined)
    command.error(
      `error: no broker. Give --url mqtt://host:1883, set MQTT_URL, or start "npm run pipeline" here first (it writes ${EMBEDDED_ENV}).`,
    );
  if (!existsSync(options.readings)) command.error(`error: there is no file ${options.readings}`);
  const topic = options.topic ?? rssiTopicOf(config);
  const fleet = openFleet(url, { ...options, topic, tls: tlsOf(options) });
  const ticker = setInterval(() => say(progress(fleet)), PROGRESS_MS);
  try {
    await play(options, fleet);
    if (fleet.published() === 0) throw new Error(`${options.readings} holds no reading`);
    say(`done: ${progress(fleet)}`);
  } catch (problem) {
    command.error(`error: ${problem instanceof Error ? problem.message : String(problem)}`);
  } finally {
    clearInterval(ticker);
    await fleet.close();
  }
};

/**
 * `publish`: plays a recording into a broker as the sensors would, one client per sensor at QoS 1.
 * Ends with exit code 0 when the broker has acknowledged every reading, otherwise with 1 and the
 * reason on stderr. The recording is streamed; its lines keep their order.
 */
export const publishCommand = (): Command =>
  new Command('publish')
    .description(
      'play a recording into an MQTT broker as the sensors would, its times moved to now',
    )
    .requiredOption('--readings <file>', 'readings, one JSON object a line')
    .option('--speed <n>', 'times as fast as recorded', speed, 1)
    .option('--url <url>', `broker (or that of the settings, or the one in ${EMBEDDED_ENV})`)
    .option('--topic <topic>', 'where to publish; {sensor} stands for the sensor')
    .addOption(new Option('--username <name>', 'for the broker').env('MQTT_USERNAME'))
    .addOption(new Option('--password <secret>', 'for the broker').env('MQTT_PASSWORD'))
    .addOption(new Option('--ca <file>', 'who vouches for the broker').env('MQTT_CA_FILE'))
    .addOption(new Option('--cert <file>', 'the certificate of all').env('MQTT_CERT_FILE'))
    .addOption(new Option('--key <file>', 'and its key').env('MQTT_KEY_FILE'))
    .option('--certificates <folder>', 'each sensor with its own, as "certificates" made them')
    .addHelpText(
      'after',
      `
Times move by a multiple of 5 s, so at speed 1 the readings fall into the same 5 s windows as in
the recording. At any other speed their distances shrink or grow and the windows hold other readings.`,
    )
    .action((options: PublishOptions, command: Command) => publish(options, command));
