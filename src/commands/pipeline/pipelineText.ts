import { readFileSync } from 'node:fs';
import type { Config } from '../../config.ts';
import { RSSI_TOPIC } from '../../model/topic.ts';
import type { Foreign } from '../../production/files/foreign.ts';
import { brokerOfScript, rssiTopicOf, topicsOfScript } from '../../scriptSettings.ts';
import type { Statistics } from '../../streams/statistics.ts';
import type { UploadNeed } from '../../uploadNeeds.ts';
import type { LayoutSource } from '../layout/layoutSource.ts';
import { DATA_DIR, formatsOf } from '../settings.ts';
import type { Surroundings } from './surroundings.ts';

const { version } = JSON.parse(
  readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'),
) as { version: string };

/** What was found after a process that did not end in order. */
export interface Recovered {
  /** Readings in windows that were open. */
  readonly readings: number;
  readonly lines: number;
  readonly phones: number;
}

const line = (label: string, ...said: ReadonlyArray<string>): string =>
  `  ${label.padEnd(10)}${said.join('  ')}\n`;

const waiting = (held: ReadonlyArray<UploadNeed>): string =>
  line('uploads', 'held: all is saved, and sent once .env has these (then start again)') +
  held.map(({ setting, from }) => line('', setting.padEnd(17), from)).join('');

const database = ({ destination, held }: Surroundings, config: Config): string => {
  if (held.length > 0)
    return line('database', config.SUPABASE_URL ?? '', 'your Supabase project') + waiting(held);
  if (destination === undefined) return line('database', 'none: ENABLE_UPLOAD is false');
  const { url } = destination.access;
  return destination.isEmbedded
    ? line('database', url, `embedded Postgres, kept in ${DATA_DIR}/`) +
        line('keys', `${DATA_DIR}/embedded.env`)
    : line('database', url, 'your Supabase project');
};

/** What nobody reads as it comes is kept by a journal, which others may read. */
const dashboard = ({ destination, demoUser }: Surroundings, isRead: boolean): string =>
  destination && demoUser
    ? line('dashboard', `${destination.access.url}/`) +
      line(
        '  sign in',
        demoUser.email,
        isRead ? demoUser.password : `its password stands in ${DATA_DIR}/demo_user.json`,
      )
    : '';

/** Which settings came under the names of the Python script, and what became of them. */
const scriptNames = (config: Config): string => {
  const as = (given: string, ours: 'MQTT_URL' | 'MQTT_TOPIC', made: string) =>
    config[ours] === made ? `${given} → ${ours}` : `${given} (not used: ${ours} is given)`;
  const broker = brokerOfScript(config);
  const ids = config.PI_IDS.length;
  const read = [
    ...(broker === undefined ? [] : [as('MQTT_BROKER_IP', 'MQTT_URL', broker)]),
    ...(config.MQTT_TOPIC_PREFIX === undefined || rssiTopicOf(config) === RSSI_TOPIC
      ? []
      : [as('MQTT_TOPIC_PREFIX', 'MQTT_TOPIC', topicsOfScript(config))]),
    ...(ids === 0 ? [] : [`PI_IDS → ${ids} sensors`]),
  ];
  return read.length === 0 ? '' : line('settings', `the Python script's: ${read.join(', ')}`);
};

/** What is embedded, what is real, and where things are. */
export const intro = (
  config: Config,
  around: Surroundings,
  { name, initial: { zones, sensors } }: Pick<LayoutSource, 'name' | 'initial'>,
  isRead: boolean,
): string => {
  const reach = around.brokerHost ? `exposed by TLS on ${around.brokerHost}` : 'this machine only';
  const broker = around.isBrokerEmbedded ? `embedded, ${reach}` : 'yours';
  const readings = around.truthFile
    ? `a simulated shop, seen by ${sensors.length} sensors; its truth in ${around.truthFile}`
    : `${sensors.length} sensors, on ${formatsOf(config).topics.join(',')}`;
  const unsimulated = around.realBy
    ? line('', `waits for them: ${around.realBy} is given, so no shop is simulated (--simulate)`)
    : '';
  return [
    `\nNeuralSense ${version}\n\n`,
    scriptNames(config),
    line('store', around.storeName, `${zones.length} zones (${name})`),
    line('readings', readings),
    unsimulated,
    line('broker', around.mqttUrl.replace(/\/\/[^/]*@/, '//'), broker),
    line('files', `${config.OUTPUT_DIR}/*.jsonl`),
    database(around, config),
    dashboard(around, isRead),
    '\n  Ctrl-C stops and drains.\n\n',
  ].join('');
};

/** What a process that was killed has left, and what became of it; empty where nothing was left. */
export const recoveryText = ({ readings, lines, phones }: Recovered): string => {
  const said = [
    ...(readings > 0 ? [`${readings} readings count that were not yet placed`] : []),
    ...(lines > 0 ? [`${lines} lines of an unfinished flush are made again`] : []),
    ...(phones > 0 ? [`the stays of ${phones} phones go on`] : []),
  ];
  return said.length === 0 ? '' : `  Recovered: ${said.join(', ')}.\n\n`;
};

/** Which files under our names are another program's, and where ours goes; empty where none is. */
export const foreignText = (dir: string, files: ReadonlyArray<Foreign>): string => {
  if (files.length === 0) return '';
  const lines = files.map(({ name, own, instead }) => {
    const whose =
      own === 0 ? 'was written by another program' : 'goes on with lines of another program';
    const [stream = ''] = name.split('.');
    return `    ${name} ${whose}; ours go to ${instead ?? `${stream}.<day>.<n>.jsonl`}\n`;
  });
  return (
    `  Left as they are, byte for byte, and not uploaded, in ${dir}/:\n${lines.join('')}` +
    '    If you want them apart: stop, and give one of the two programs another OUTPUT_DIR.\n\n'
  );
};

/** What was saved earlier and is not settled; empty where nothing is. */
export const resumedText = (rows: number, isLost = false): string => {
  if (isLost)
    return (
      '  UPLOAD CURSOR LOST: upload_cursor.json is gone or cannot be read. What was saved for this store\n' +
      `  is sent again, ${rows.toLocaleString('en')} rows; what had arrived adds nothing.\n\n`
    );
  return rows === 0
    ? ''
    : `  Uploads go on where they ended: ${rows.toLocaleString('en')} rows saved before.\n\n`;
};

/** What was saved and cannot be sent yet; empty where nothing was. */
export const heldText = (rows: number): string =>
  rows === 0 ? '' : `  Uploads are held: ${rows.toLocaleString('en')} rows saved before wait.\n\n`;

/** What became of everything, at the end. */
export const closingText = ({ readings, assignments, uploaded, failed }: Statistics): string =>
  `  Drained: ${readings} readings and ${assignments} assignments saved, ${uploaded} rows uploaded` +
  (failed === 0 ? '.\n' : `; ${failed} rows wait in failed_uploads: npm run redrive\n`);
