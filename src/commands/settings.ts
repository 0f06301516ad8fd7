import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { either as E } from 'fp-ts';
import { type Config, readConfig } from '../config.ts';
import { type GroundTruth, readGroundTruth, readGroundTruthLines } from '../model/groundTruth.ts';
import type { Layout } from '../model/layout.ts';
import type { Policies, UploadPolicy } from '../model/policies.ts';
import type { Env, RetryPolicy } from '../model/shapes.ts';
import type { JsonlOptions } from '../production/files/openJsonl.ts';
import { saltedGroups } from '../production/saltedId.ts';
import { readTextFile } from '../production/textFile.ts';
import { rssiTopicOf } from '../scriptSettings.ts';
import { chooseFormats } from '../sources/formats/choose.ts';
import { dropIds } from '../sources/formats/dropIds.ts';
import type { Format } from '../sources/formats/format.ts';
import type { TlsMaterial } from '../sources/mqttOptions.ts';

/** Where the embedded database, its secrets and its addresses are kept. */
export const DATA_DIR = '.neuralsense';

/** What a person has to put right before anything can start; every problem at once. */
export class Misconfigured extends Error {
  readonly problems: ReadonlyArray<string>;

  constructor(problems: ReadonlyArray<string>) {
    super(`Cannot start:\n${problems.map((problem) => `  • ${problem}`).join('\n')}`);
    this.problems = problems;
  }
}

const orThrow = <A>(result: E.Either<ReadonlyArray<string>, A>): A => {
  if (E.isLeft(result)) throw new Misconfigured(result.left);
  return result.right;
};

/** Addresses and keys that an embedded stack wrote down for other tools; empty where none did. */
export const readEmbeddedEnv = (): NodeJS.Dict<string> => {
  const file = join(DATA_DIR, 'embedded.env');
  return existsSync(file) ? parseEnv(readFileSync(file, 'utf8')) : {};
};

/**
 * The settings of this process's environment. A shell that sourced embedded.env does not thereby
 * name a project of its own: what stands there too does not count. @throws Misconfigured
 */
export const loadConfig = (overrides: NodeJS.Dict<string> = {}): Config => {
  const embedded = readEmbeddedEnv();
  const own = Object.entries(process.env).filter(([name, value]) => embedded[name] !== value);
  return orThrow(readConfig({ ...Object.fromEntries(own), ...overrides }));
};

const readText = (file: string, setting: string): Promise<string> =>
  readTextFile(file).catch((problem: Error) => {
    throw new Misconfigured([`${setting}: ${problem.message}`]);
  });

/** Where phones really were: CSV, or JSON lines where the name ends in .jsonl. @throws Misconfigured */
export const loadGroundTruth = async (file: string): Promise<ReadonlyArray<GroundTruth>> => {
  const text = await readText(file, '--truth');
  return orThrow(
    file.endsWith('.jsonl')
      ? readGroundTruthLines(text.trimEnd().split('\n'), file)
      : readGroundTruth(text, file),
  );
};

/** The certificates that the settings name, as they are on disk now. */
export const readTls = ({
  MQTT_CA_FILE,
  MQTT_CERT_FILE,
  MQTT_KEY_FILE,
}: Pick<Config, 'MQTT_CA_FILE' | 'MQTT_CERT_FILE' | 'MQTT_KEY_FILE'>): TlsMaterial => ({
  ...(MQTT_CA_FILE && { ca: readFileSync(MQTT_CA_FILE) }),
  ...(MQTT_CERT_FILE && { cert: readFileSync(MQTT_CERT_FILE) }),
  ...(MQTT_KEY_FILE && { key: readFileSync(MQTT_KEY_FILE) }),
});

/** @throws Misconfigured naming a certificate that cannot be read, before anything connects */
export const checkTls = (config: Config): void => {
  try {
    readTls(config);
  } catch (problem) {
    throw new Misconfigured([
      `MQTT_CA_FILE, MQTT_CERT_FILE, MQTT_KEY_FILE: ${problem instanceof Error ? problem.message : problem}`,
    ]);
  }
};

/** What the sensors speak, and where. */
export const formatsOf = ({ MQTT_FORMATS, MQTT_TOPIC, PHONE_HASH_SALT }: Config): Format => {
  const topics = MQTT_TOPIC.split(',').map((topic) => topic.trim());
  const formats = chooseFormats(MQTT_FORMATS, topics);
  return { ...formats, decode: dropIds(saltedGroups(PHONE_HASH_SALT), formats.decode) };
};

export const WINDOW_MS = 5_000;
/** A timer may be a little early; a window that is not quite over waits for the next tick. */
const BEAT_MARGIN_MS = 20;
const QUIET_MS = 30_000;

export const retryOf = (config: Config): RetryPolicy => ({
  maxRetries: config.UPLOAD_MAX_RETRIES,
  initialDelayMs: 1_000,
  maxDelayMs: 60_000,
});

/** Four rounds in vain: a path that fails every other time makes nothing bad. */
export const triesToBlame = ({ UPLOAD_MAX_RETRIES }: Config): number =>
  4 * (1 + UPLOAD_MAX_RETRIES);

/** The worst that many uploads in a row may do before the path counts as broken. */
const MOST_FAILURES = 5;

export const uploadPolicyOf = (config: Config): UploadPolicy => {
  const retry = retryOf(config);
  return {
    batch: { maxItems: config.UPLOAD_BATCH_SIZE, maxWaitMs: config.UPLOAD_INTERVAL_SEC * 1000 },
    retry,
    breaker: {
      failures: Math.min(1 + config.UPLOAD_MAX_RETRIES, MOST_FAILURES),
      initialDelayMs: retry.initialDelayMs,
      maxDelayMs: 60_000,
      parkedMs: 60_000,
    },
    catchUp: {
      waitingItems: 5_000,
      previewItems: 500,
      pageItems: 500,
      concurrency: 8,
      previewEvery: 4,
    },
    redrive: { intervalMs: 1_000, restMs: 60_000, triesToBlame: triesToBlame(config) },
  };
};

/** Where and how the JSONL files are kept. */
export const filesOptions = (config: Config, log: Env['log']): JsonlOptions => ({
  dir: config.OUTPUT_DIR,
  isUploading: config.ENABLE_UPLOAD,
  maxBytes: config.ROTATE_MB * 1_000_000,
  maxTotalBytes: config.OUTPUT_MAX_MB * 1_000_000,
  retentionDays: config.RETENTION_DAYS,
  now: Date.now,
  log,
});

/** How the settings make the operators behave. */
export const policiesOf = (
  config: Config,
  layout: Layout,
  storeNames: ReadonlyArray<string>,
  graceMs = config.WINDOW_GRACE_SEC * 1000,
): Policies => ({
  admission: {
    sensors: new Set(layout.sensors.map(({ sensor_id }) => sensor_id)),
    rssiTopic: rssiTopicOf(config),
    storeNames: new Set(storeNames.map((name) => name.normalize('NFC'))),
    quota: {
      spanMs: WINDOW_MS,
      readings: Math.ceil((config.MAX_SENSOR_RATE * WINDOW_MS) / 1000),
    },
  },
  clocks: {
    isCorrecting: config.SENSOR_CLOCKS === 'auto',
    maxSkewMs: config.MAX_CLOCK_SKEW_SEC * 1000,
  },
  thinning: { readings: config.MAX_WINDOW_READINGS, spanMs: WINDOW_MS },
  window: { spanMs: WINDOW_MS, graceMs, beatMs: graceMs + BEAT_MARGIN_MS },
  movement: {
    confirmAssignments: config.DWELL_CONFIRM,
    dwellGapSeconds: config.DWELL_GAP_SEC,
    visitGapSeconds: config.VISIT_GAP_SEC,
    quietMs: QUIET_MS,
  },
  upload: uploadPolicyOf(config),
});
