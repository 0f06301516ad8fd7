import { SCRIPT_FILES, type ScriptFile } from '../../model/scriptRow.ts';
import type { ImportTally, Reason } from './importTally.ts';

export const some = (count: number): string => count.toLocaleString('en');

export const counted = (count: number, what: string): string =>
  `${some(count)} ${what}${count === 1 ? '' : 's'}`;

export const linesRead = ({ lines }: ImportTally): string =>
  `${some(lines.zone_assignments + lines.dwells)} lines`;

const ROW: Readonly<Record<ScriptFile, string>> = { zone_assignments: 'reading', dwells: 'dwell' };

const nameOf = (file: ScriptFile): string => `${file}.jsonl`;

const fileLine = (tally: ImportTally, file: ScriptFile): string =>
  `  ${nameOf(file)}: ${counted(tally.lines[file], 'line')} → ${counted(tally.rows[file], ROW[file])}\n`;

const instant = (unixSeconds: number): string => new Date(unixSeconds * 1000).toISOString();

const reasonLine = ({ kind, file, lines, first }: Reason): string =>
  `  left out: ${counted(lines, 'line')} of ${nameOf(file)}: ${kind} (${
    lines > first.length ? `first in lines ${first.join(', ')} …` : `line ${first.join(', ')}`
  })\n`;

/** Why lines were left out, commonest first. */
export const reasonsText = ({ reasons }: ImportTally): string => reasons.map(reasonLine).join('');

const zoneList = (zones: Iterable<number>): string => [...zones].sort((a, b) => a - b).join(', ');

const seen = ({ phones, zones, span }: ImportTally): string =>
  phones === 0
    ? ''
    : `  ${counted(phones, 'phone')}, zones ${zoneList(zones)}, ${instant(span.from)} … ${instant(span.to)}\n`;

/** What to do about zones that the database has no row for. */
export const unknownZonesText = (zones: ReadonlyArray<number>): string =>
  zones.length === 0
    ? ''
    : `  The database does not know zone ${zoneList(zones)}: add it to zones_dim (npm run seed:zones writes the SQL, docs/supabase.md), then npm run redrive.\n`;

/** What an import would send; the zones are those of the database, or why they are not known. */
export const dryRunText = (tally: ImportTally, known: ReadonlySet<number> | string): string =>
  [
    ...SCRIPT_FILES.map((file) => fileLine(tally, file)),
    seen(tally),
    reasonsText(tally),
    typeof known === 'string'
      ? `  Which zones the database knows was not asked: ${known}\n`
      : unknownZonesText([...tally.zones].filter((zone) => !known.has(zone))),
    '  Nothing was sent.\n',
  ].join('');

/** What became of the rows. */
export interface Sent {
  readonly readings: number;
  readonly dwells: number;
  /** Readings that the database did not have yet. */
  readonly news: number;
  readonly failed: number;
  /** Why. */
  readonly reasons: ReadonlySet<string>;
  readonly unknownZones: ReadonlySet<number>;
}

export const NOTHING_SENT: Sent = {
  readings: 0,
  dwells: 0,
  news: 0,
  failed: 0,
  reasons: new Set(),
  unknownZones: new Set(),
};

export const sentText = ({ readings, dwells, news, failed, reasons, unknownZones }: Sent): string =>
  [
    readings + dwells + failed === 0
      ? '  Nothing new was found.\n'
      : `  ${counted(readings, 'reading')} (${some(news)} new) and ${counted(dwells, 'dwell')} arrived, ${counted(failed, 'row')} failed\n`,
    ...[...reasons].map((reason) => `  ${reason}\n`),
    failed > 0 && unknownZones.size === 0
      ? '  What failed waits in failed_uploads.import.jsonl: mend the cause, then npm run redrive.\n'
      : '',
    unknownZonesText([...unknownZones]),
  ].join('');
