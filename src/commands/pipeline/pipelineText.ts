import { readFileSync } from 'node:fs';
import type { Config } from '../../config.ts';
import type { ConnectionStatus } from '../../model/connection.ts';
import type { Statistics } from '../../streams/statistics.ts';
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

const database = ({ destination }: Surroundings): string => {
  if (destination === undefined) return line('database', 'none: ENABLE_UPLOAD is false');
  const { url } = destination.access;
  return destination.isEmbedded
    ? line('database', url, `embedded Postgres, kept in ${DATA_DIR}/`) +
        line('keys', `${DATA_DIR}/embedded.env`)
    : line('database', url, 'your Supabase project');
};

const dashboard = ({ destination, demoUser }: Surroundings): string =>
  destination && demoUser
    ? line('dashboard', `${destination.access.url}/`) +
      line('  sign in', demoUser.email, demoUser.password)
    : '';

/** What is embedded, what is real, and where things are. */
export const intro = (
  config: Config,
  around: Surroundings,
  { name, initial: { zones, sensors } }: Pick<LayoutSource, 'name' | 'initial'>,
): string => {
  const reach = around.brokerHost ? `exposed by TLS on ${around.brokerHost}` : 'this machine only';
  const broker = around.isBrokerEmbedded ? `embedded, ${reach}` : 'yours';
  const readings = around.truthFile
    ? `a simulated shop, seen by ${sensors.length} sensors; its truth in ${around.truthFile}`
    : `${sensors.length} sensors, on ${formatsOf(config).topics.join(',')}`;
  return [
    `\nNeuralSense ${version}\n\n`,
    line('store', around.storeName, `${zones.length} zones (${name})`),
    line('readings', readings),
    line('broker', around.mqttUrl.replace(/\/\/[^/]*@/, '//'), broker),
    line('files', `${config.OUTPUT_DIR}/*.jsonl`),
    database(around),
    dashboard(around),
    '\n  Ctrl-C stops and drains.\n\n',
  ].join('');
};

const connection = (status: ConnectionStatus): string => {
  switch (status._tag) {
    case 'Connected':
      return '';
    case 'Waiting':
      return `waiting for the broker (${status.reason}), next try in ${Math.ceil(status.retryInMs / 1000)} s · `;
    case 'Connecting':
      return `connecting to ${status.url} · `;
    case 'Closed':
      return 'draining · ';
  }
};

const upload = ({ path, pathReason, behind, caughtUp }: Statistics): ReadonlyArray<string> => [
  ...(path === 'Open' ? [`uploads wait: ${pathReason}`] : []),
  ...(path === 'Parked' ? [`UPLOADS PARKED: ${pathReason}`] : []),
  ...(behind > 0
    ? [
        `catching up ${caughtUp.toLocaleString('en')} of ${(caughtUp + behind).toLocaleString('en')}`,
      ]
    : []),
];

/** Disks say ENOSPC; people say that there is no space left, and what can be done. */
const DISK_SAYS: ReadonlyArray<readonly [RegExp, string]> = [
  [/ENOSPC/, 'no space left, make room'],
  [/EDQUOT/, 'the quota is used up'],
  [/EIO/, 'the disk fails (EIO), see dmesg'],
  [/EROFS/, 'the disk is mounted read-only, see dmesg'],
  [/EACCES|EPERM/, 'not allowed to write, check who owns OUTPUT_DIR'],
  [/EMFILE|ENFILE/, 'too many open files, raise the limit'],
];

const saving = ({ notSaving }: Statistics): string =>
  notSaving === undefined
    ? ''
    : `NOT SAVING: ${DISK_SAYS.find(([code]) => code.test(notSaving))?.[1] ?? notSaving} · `;

/** The status line. */
export const statusText = (
  latest: Statistics,
  status: ConnectionStatus,
  zoneCount: number,
): string =>
  `  ${connection(status)}${saving(latest)}` +
  [
    `${latest.readingsPerSecond.toFixed(0)} readings/s`,
    `${latest.phones} phones`,
    `${latest.zones}/${zoneCount} zones`,
    `${latest.assignments} assignments`,
    `${latest.uploaded} rows uploaded`,
    latest.failed === 0 ? '0 failed' : `${latest.failed} failed (npm run redrive)`,
    ...(latest.rejected > 0 ? [`${latest.rejected} rejected`] : []),
    ...upload(latest),
    ...(latest.dropped > 0 ? [`${latest.dropped} lost at QoS 0`] : []),
  ].join(' · ');

/** What a process that was killed has left, and what became of it; empty where nothing was left. */
export const recoveryText = ({ readings, lines, phones }: Recovered): string => {
  const said = [
    ...(readings > 0 ? [`${readings} readings count that were not yet placed`] : []),
    ...(lines > 0 ? [`${lines} lines of an unfinished flush are made again`] : []),
    ...(phones > 0 ? [`the stays of ${phones} phones go on`] : []),
  ];
  return said.length === 0 ? '' : `  Recovered: ${said.join(', ')}.\n\n`;
};

/** What was saved earlier and is not settled; empty where nothing is. */
export const resumedText = (rows: number): string =>
  rows === 0
    ? ''
    : `  Uploads go on where they ended: ${rows.toLocaleString('en')} rows saved before.\n\n`;

/** What became of everything, at the end. */
export const closingText = ({ readings, assignments, uploaded, failed }: Statistics): string =>
  `  Drained: ${readings} readings and ${assignments} assignments saved, ${uploaded} rows uploaded` +
  (failed === 0 ? '.\n' : `; ${failed} rows wait in failed_uploads: npm run redrive\n`);
