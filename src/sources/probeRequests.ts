import { parse } from 'csv-parse/sync';
import { either as E } from 'fp-ts';
import { PhoneId } from '../model/phoneId.ts';

/** One probe request that a sniffer recorded. Unix seconds, dBm. */
export interface ProbeRequest {
  readonly phone_id: string;
  readonly ts: number;
  readonly rssi: number;
  /** People in the room; undefined where nobody counted them. */
  readonly people?: number;
}

export interface ProbeRecording {
  /** In order of time. */
  readonly probes: ReadonlyArray<ProbeRequest>;
  /** Lines that hold no usable probe request. */
  readonly unusable: number;
}

type Row = Readonly<Record<string, string | undefined>>;

const finite = (cell: string | undefined): number | undefined =>
  cell !== undefined && cell.trim() !== '' && Number.isFinite(Number(cell))
    ? Number(cell)
    : undefined;

/** `2022-10-25 10:58:51.533246`; without a zone it is the recording's own, and taken for UTC. */
const instant = (cell = ''): number => {
  const written = cell.trim().replace(' ', 'T');
  return Date.parse(/(Z|[+-]\d\d:?\d\d)$/.test(written) ? written : `${written}Z`) / 1000;
};

const probeOf = (row: Row): ProbeRequest | undefined => {
  const phone = PhoneId.decode(row['src']?.trim());
  const ts = instant(row['datetime']);
  const rssi = finite(row['rssi']);
  const people = finite(row['occupancy']);
  return E.isRight(phone) && Number.isFinite(ts) && rssi !== undefined
    ? { phone_id: phone.right, ts, rssi, ...(people !== undefined && { people }) }
    : undefined;
};

const delimiterOf = (text: string): string =>
  (text.split('\n', 1)[0] ?? '').includes(';') ? ';' : ',';

/**
 * Reads a recording of probe requests: CSV with `datetime`, `src`, `rssi` and, where people were
 * counted, `occupancy`; other columns are ignored, unusable lines counted. Left: it is none.
 */
export const readProbeRequests = (text: string): E.Either<string, ProbeRecording> => {
  let rows: ReadonlyArray<Row>;
  try {
    rows = parse(text, {
      columns: true,
      bom: true,
      delimiter: delimiterOf(text),
      skip_empty_lines: true,
      relax_column_count: true,
      // Names of networks hold whatever people typed.
      quote: false,
    });
  } catch (problem) {
    return E.left(problem instanceof Error ? problem.message : String(problem));
  }
  const missing = ['datetime', 'src', 'rssi'].filter((name) => !(name in (rows[0] ?? {})));
  if (missing.length > 0) return E.left(`no column ${missing.join(', ')}`);
  const probes = rows.flatMap((row) => probeOf(row) ?? []).sort((a, b) => a.ts - b.ts);
  return probes.length === 0
    ? E.left('no usable probe request')
    : E.right({ probes, unusable: rows.length - probes.length });
};
