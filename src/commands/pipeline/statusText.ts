import type { Timestamp } from 'rxjs';
import type { ConnectionStatus } from '../../model/connection.ts';
import type { Statistics } from '../../streams/statistics.ts';
import type { UploadNeed } from '../../uploadNeeds.ts';
import { type Hearing, rejectionText, silenceText } from './concernText.ts';

/** What the status lines need to know of the shop. */
export interface Shop extends Hearing {
  readonly zones: number;
  readonly held: ReadonlyArray<UploadNeed>;
  /** Why nobody is placed, and what to do; undefined where phones are. */
  readonly noZones?: () => string | undefined;
}

const some = (count: number): string => count.toLocaleString('en');

const connection = (status: ConnectionStatus): ReadonlyArray<string> => {
  switch (status._tag) {
    case 'Connected':
      return [];
    case 'Waiting':
      return [
        `waiting for the broker (${status.reason}), next try in ${Math.ceil(status.retryInMs / 1000)} s`,
      ];
    case 'Connecting':
      return [`connecting to ${status.url}`];
    case 'Closed':
      return ['draining'];
  }
};

/** Disks say ENOSPC; people say that there is no space left, and what can be done. */
const DISK_SAYS: ReadonlyArray<readonly [RegExp, string]> = [
  [/ENOSPC/, 'no space left, make room'],
  [/EBUDGET/, 'OUTPUT_MAX_MB is used up by rows not yet uploaded: raise it, or mend uploads'],
  [/EDQUOT/, 'the quota is used up'],
  [/EIO/, 'the disk fails (EIO), see dmesg'],
  [/EROFS/, 'the disk is mounted read-only, see dmesg'],
  [/EACCES|EPERM/, 'not allowed to write, check who owns OUTPUT_DIR'],
  [/EMFILE|ENFILE/, 'too many open files, raise the limit'],
];

const saving = ({ notSaving }: Statistics): ReadonlyArray<string> =>
  notSaving === undefined
    ? []
    : [`NOT SAVING: ${DISK_SAYS.find(([code]) => code.test(notSaving))?.[1] ?? notSaving}`];

const holding = (held: ReadonlyArray<UploadNeed>): ReadonlyArray<string> =>
  held.length === 0
    ? []
    : [
        `uploads held: ${held.map(({ setting }) => setting).join(', ')} missing`,
        `  ${held.map(({ from }) => from).join(' · ')}`,
      ];

const uploading = ({
  path,
  pathReason,
  behind,
  caughtUp,
  failed,
}: Statistics): ReadonlyArray<string> => [
  ...(path === 'Open' ? [`uploads wait: ${pathReason}`] : []),
  ...(path === 'Parked' ? [`UPLOADS PARKED: ${pathReason}`] : []),
  ...(behind > 0 ? [`catching up ${some(caughtUp)} of ${some(caughtUp + behind)}`] : []),
  ...(failed > 0 ? [`${some(failed)} rows failed to upload: npm run redrive`] : []),
];

const withoutZones = ({ noZones }: Shop): ReadonlyArray<string> => {
  const why = noZones?.();
  return why === undefined ? [] : [why];
};

const counts = (latest: Statistics, zones: number): string =>
  [
    `${latest.readingsPerSecond.toFixed(0)} readings/s`,
    `${latest.phones} phones`,
    `${latest.zones}/${zones} zones`,
    `${latest.assignments} assignments`,
    `${latest.uploaded} rows uploaded`,
    ...(latest.rejected > 0 ? [`${latest.rejected} rejected`] : []),
    ...(latest.thinned > 0 ? [`${latest.thinned} thinned`] : []),
  ].join(' · ');

/**
 * The status lines: what is counted, and below it whatever somebody should look at. `nowMs` by the
 * clock of the statistics and of `status`, which is since when it is so.
 */
export const statusLines = (
  latest: Statistics,
  status: Timestamp<ConnectionStatus>,
  shop: Shop,
  nowMs: number,
): ReadonlyArray<string> =>
  [
    counts(latest, shop.zones),
    ...connection(status.value),
    ...silenceText(latest, status, nowMs, shop),
    ...rejectionText(latest, shop),
    ...withoutZones(shop),
    ...saving(latest),
    ...holding(shop.held),
    ...uploading(latest),
    ...(latest.dropped > 0 ? [`${some(latest.dropped)} messages lost at QoS 0: no room`] : []),
  ].map((text) => `  ${text}`);
