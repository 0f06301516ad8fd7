import type { Timestamp } from 'rxjs';
import type { ConnectionStatus } from '../../model/connection.ts';
import type { RejectionKind } from '../../model/rejected.ts';
import { type Commonest, commonest, total } from '../../model/rejectionCounts.ts';
import type { Statistics } from '../../streams/statistics.ts';

/** Where the sensors are known from and where they publish, in the words of the settings. */
export interface Hearing {
  /** Such as `sensors.csv`. */
  readonly sensorsIn: string;
  /** Where nobody can add one there: what to do instead. */
  readonly toAddSensors?: string;
  readonly topics: ReadonlyArray<string>;
  readonly mqttUrl: string;
  readonly isBrokerEmbedded: boolean;
}

/** What helps where a field cannot be read. */
const FIELDS: Readonly<Record<string, string>> = {
  payload: 'no usable JSON: is MQTT_FORMATS right?',
  sensor_id: 'no usable sensor_id',
  rpi_id: 'no usable rpi_id',
  phone_id: 'no usable phone_id',
  mac: 'no usable mac',
  rssi: 'no usable rssi (dBm, from −120 to below 0)',
  ts: 'no usable ts (Unix time)',
  status: 'no usable status (online, offline)',
};

type Advice = (subject: string, isVaried: boolean, hearing: Hearing) => string;

const ADVICE: Readonly<Record<RejectionKind, Advice>> = {
  malformed: (field) => `${FIELDS[field] ?? `no usable ${field}`}; see rejected_messages.jsonl`,
  other_store: (store) => `topic of store ${store}: set STORE_NAME so, or narrow MQTT_TOPIC`,
  wrong_topic: (sensor) => `${sensor} publishes on another sensor's topic: mend its settings`,
  unknown_sensor: (sensor, isVaried, { sensorsIn, toAddSensors }) =>
    isVaried
      ? `sensor_id ${sensor} and others are not in ${sensorsIn}: ${toAddSensors ?? 'add them'}`
      : `sensor_id ${sensor} is not in ${sensorsIn}: ${toAddSensors ?? 'add it there'}`,
  clock: (sensor) => `the clock of ${sensor} is off: set it, or raise MAX_CLOCK_SKEW_SEC`,
  rate: (sensor) => `${sensor} sends too much: look at it, or raise MAX_SENSOR_RATE`,
};

/** A smaller share of what comes is nobody's worry. */
const MUCH = 0.2;

const rejection = ({ kind, cause, count, isVaried }: Commonest, hearing: Hearing): string =>
  `${count.toLocaleString('en')} rejected: ${ADVICE[kind](cause.subject ?? '…', isVaried, hearing)}`;

/** The commonest reason and what helps, where much of what comes is rejected. */
export const rejectionText = (
  { recent: { readings, causes } }: Pick<Statistics, 'recent'>,
  hearing: Hearing,
): ReadonlyArray<string> => {
  const rejected = total(causes);
  const most = rejected > MUCH * (readings + rejected) ? commonest(causes) : undefined;
  return most === undefined ? [] : [rejection(most, hearing)];
};

/** So long nothing may come at first, and later, when a shop may be empty. */
const FIRST_SILENCE_MS = 10_000;
const LATER_SILENCE_MS = 60_000;

const listening = (mqttUrl: string): string => {
  const { hostname, port } = new URL(mqttUrl);
  return `mosquitto_sub -h ${hostname}${port === '' ? '' : ` -p ${port}`} -t '#' -v`;
};

const whereElse = ({ isBrokerEmbedded, mqttUrl }: Hearing): string =>
  isBrokerEmbedded
    ? '  name the broker that the sensors publish to: MQTT_URL=mqtt://…'
    : `  on other topics? ${listening(mqttUrl)}`;

/** That a connection is there and nothing comes, and what helps. */
export const silenceText = (
  { heardAtMs }: Pick<Statistics, 'heardAtMs'>,
  { value, timestamp }: Timestamp<ConnectionStatus>,
  nowMs: number,
  hearing: Hearing,
): ReadonlyArray<string> => {
  const silentMs = nowMs - Math.max(heardAtMs ?? 0, timestamp);
  const isFirst = heardAtMs === undefined;
  if (value._tag !== 'Connected' || silentMs < (isFirst ? FIRST_SILENCE_MS : LATER_SILENCE_MS))
    return [];
  const seconds = Math.round(silentMs / 1000);
  // That sensors are alive is no reading.
  const [topic = '', ...others] = hearing.topics.filter((one) => !one.endsWith('/status'));
  const on = others.length === 0 ? topic : `${topic} and ${others.length} more`;
  return isFirst
    ? [`connected, but nothing received for ${seconds} s on ${on}`, whereElse(hearing)]
    : [`nothing received for ${seconds} s: do the sensors run?`];
};
