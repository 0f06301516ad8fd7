import type { LeftOut, ScriptFile, ScriptLine, ScriptRow } from '../../model/scriptRow.ts';

/** Lines that were left out for one reason. */
export interface Reason {
  readonly kind: string;
  readonly file: ScriptFile;
  readonly lines: number;
  /** The numbers of the first few. */
  readonly first: ReadonlyArray<number>;
}

const FIRST_FEW = 3;
/** A file of rubbish invents as many reasons as it has lines. */
const REASONS = 20;
const OTHER = 'other reasons';

/** What was read, and what becomes of it. */
export class ImportTally {
  readonly lines = { zone_assignments: 0, dwells: 0 };
  /** Up to which byte of each file. */
  readonly bytes = { zone_assignments: 0, dwells: 0 };
  readonly rows = { zone_assignments: 0, dwells: 0 };
  readonly zones = new Set<number>();
  /** Unix seconds. */
  readonly span = { from: Number.POSITIVE_INFINITY, to: Number.NEGATIVE_INFINITY };
  readonly #phones = new Set<string>();
  readonly #reasons = new Map<string, Reason>();

  get phones(): number {
    return this.#phones.size;
  }

  get reasons(): ReadonlyArray<Reason> {
    return [...this.#reasons.values()].sort((a, b) => b.lines - a.lines);
  }

  read(lines: ReadonlyArray<ScriptLine>): void {
    for (const { file, ends, isSettled } of lines) {
      if (!isSettled) this.lines[file] += 1;
      this.bytes[file] = ends;
    }
  }

  leftOut({ kind, line: { file, number } }: LeftOut): void {
    const known = this.#reasons.has(`${file} ${kind}`) || this.#reasons.size < REASONS;
    const key = `${file} ${known ? kind : OTHER}`;
    const { lines, first } = this.#reasons.get(key) ?? { lines: 0, first: [] };
    this.#reasons.set(key, {
      kind: known ? kind : OTHER,
      file,
      lines: lines + 1,
      first: first.length < FIRST_FEW ? [...first, number] : first,
    });
  }

  row({ item: { value }, line: { file } }: ScriptRow): void {
    this.rows[file] += 1;
    this.zones.add(value.zone_id);
    this.#phones.add(value.phone_id);
    const [from, to] = 'ts' in value ? [value.ts, value.ts] : [value.enter_ts, value.exit_ts];
    this.span.from = Math.min(this.span.from, from);
    this.span.to = Math.max(this.span.to, to);
  }
}
