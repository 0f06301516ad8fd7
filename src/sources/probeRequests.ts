import { either as E } from 'fp-ts';
import { cellsOf } from '../model/cells.ts';
import { PhoneId } from '../model/phoneId.ts';
import { delimiterOf, numberIn } from '../model/table.ts';
import { instantOf, UnixSeconds } from '../model/time.ts';

/** One probe request that a sniffer recorded. Unix seconds, dBm. */
export interface ProbeRequest {
  readonly phone_id: string;
  readonly ts: number;
  readonly rssi: number;
  /** People in the room; undefined where nobody counted them. */
  readonly people?: number;
}

/** Lines that hold no usable probe request, for one reason. */
export interface Unusable {
  readonly reason: string;
  readonly lines: number;
  /** The number of the first one. */
  readonly first: number;
}

export interface ProbeRecording {
  /** In order of time. */
  readonly probes: ReadonlyArray<ProbeRequest>;
  /** The commonest reason first. */
  readonly unusable: ReadonlyArray<Unusable>;
}

type Cell = (name: string) => string;

const NEEDED = ['datetime', 'src', 'rssi'];

/** Of several antennas, `-50,-52`, the one that heard best. */
const strengthOf = (cell: string): number | undefined => {
  const one = numberIn(cell);
  if (one !== undefined) return one;
  const several = cell.split(/[,; ]+/).map(numberIn);
  return several.reduce((best, dbm) =>
    best === undefined || dbm === undefined ? undefined : Math.max(best, dbm),
  );
};

/** `2022-10-25 10:58:51.533246`, which without a zone is the recording's own and taken for UTC, or Unix seconds or milliseconds. */
const timeOf = (cell: string): number => {
  const seconds = UnixSeconds.decode(numberIn(cell));
  return E.isRight(seconds) ? seconds.right : instantOf(cell.replace(',', '.'));
};

const probeOf = (cell: Cell): ProbeRequest | string => {
  const phone = PhoneId.decode(cell('src'));
  const ts = timeOf(cell('datetime'));
  const rssi = strengthOf(cell('rssi'));
  const people = numberIn(cell('occupancy'));
  if (!Number.isFinite(ts)) return 'no time in datetime';
  if (E.isLeft(phone))
    return cell('src') === ''
      ? 'no address in src'
      : 'src holds no address: record without name resolution, and quote cells with commas';
  if (rssi === undefined) return 'no strength in rssi';
  if (rssi >= 0) return 'an rssi of 0 or more, which is no measurement';
  return { phone_id: phone.right, ts, rssi, ...(people !== undefined && { people }) };
};

/**
 * What stands in a column. Where a line has more cells than columns, somebody's network has the delimiter
 * in its name, which stands behind the strength: further columns are counted from the end.
 */
const cellOf = (names: ReadonlyArray<string>, cells: ReadonlyArray<string>): Cell => {
  const surplus = Math.max(0, cells.length - names.length);
  const lastNeeded = Math.max(...NEEDED.map((name) => names.indexOf(name)));
  return (name) => {
    const at = names.indexOf(name);
    return cells[at > lastNeeded ? at + surplus : at] ?? '';
  };
};

/**
 * Reads a recording of probe requests: CSV with `datetime`, `src`, `rssi` and, where people were
 * counted, `occupancy`, between commas, semicolons or tabs; other columns are ignored, unusable lines
 * counted by their reason. Left: it is none.
 */
export const readProbeRequests = (text: string): E.Either<string, ProbeRecording> => {
  const [header = '', ...lines] = text.replace(/^\uFEFF?\s*/, '').split(/\r?\n/);
  const delimiter = delimiterOf(header);
  const names = cellsOf(header, delimiter).map((name) => name.toLowerCase());
  const missing = NEEDED.filter((name) => !names.includes(name));
  if (missing.length > 0)
    return E.left(`no column ${missing.join(', ')}; its first line is: ${header.slice(0, 80)}`);
  const probes: ProbeRequest[] = [];
  const unusable = new Map<string, Unusable>();
  for (const [index, line] of lines.entries()) {
    if (line.trim() === '') continue;
    const probe = probeOf(cellOf(names, cellsOf(line, delimiter)));
    if (typeof probe !== 'string') {
      probes.push(probe);
      continue;
    }
    const before = unusable.get(probe) ?? { reason: probe, lines: 0, first: index + 2 };
    unusable.set(probe, { ...before, lines: before.lines + 1 });
  }
  const reasons = [...unusable.values()].sort((a, b) => b.lines - a.lines);
  return probes.length === 0
    ? E.left(['no usable probe request', ...reasons.map(({ reason }) => reason)].join('; '))
    : E.right({ probes: probes.sort((a, b) => a.ts - b.ts), unusable: reasons });
};
