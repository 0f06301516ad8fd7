import type { Random } from '../../src/embedded/shop/random.ts';

const NOTHING = Buffer.alloc(0);

/** A file's bytes, as a reader sees them and as they would be found after a loss of power. */
export class Inode {
  bytes: Buffer = NOTHING;
  mtimeMs = 0;
  readonly ino: number;
  #safe: Buffer = NOTHING;
  /** A failed sync dropped these, though readers still see them: no later sync saves them. */
  #dropped: { readonly from: number; readonly to: number } | undefined;

  constructor(ino: number) {
    this.ino = ino;
  }

  /** Whether readers see what no sync will save. */
  get isDeceptive(): boolean {
    return this.#dropped !== undefined;
  }

  write(data: Buffer, nowMs: number): void {
    this.bytes = Buffer.concat([this.bytes, data]);
    this.mtimeMs = nowMs;
  }

  /** Within what is there; what was dropped is a later sync's again. */
  overwrite(data: Buffer, position: number, nowMs: number): void {
    const end = position + data.length;
    this.bytes = Buffer.concat([this.bytes.subarray(0, position), data, this.bytes.subarray(end)]);
    this.mtimeMs = nowMs;
    const { from, to } = this.#dropped ?? { from: 0, to: 0 };
    if (position <= from) this.#dropped = end < to ? { from: Math.max(from, end), to } : undefined;
  }

  truncate(bytes: number): void {
    this.bytes = this.bytes.subarray(0, bytes);
    if (this.#dropped && this.#dropped.from >= bytes) this.#dropped = undefined;
    else if (this.#dropped)
      this.#dropped = { from: this.#dropped.from, to: Math.min(this.#dropped.to, bytes) };
  }

  sync(): void {
    this.#safe = Buffer.from(this.bytes);
    if (this.#dropped) this.#safe.fill(0, this.#dropped.from, this.#dropped.to);
  }

  failToSync(): void {
    const from = Math.min(this.#safe.length, this.#dropped?.from ?? Number.POSITIVE_INFINITY);
    if (from < this.bytes.length) this.#dropped = { from, to: this.bytes.length };
  }

  /** What was synced, and of what came behind it a part, whose end may have been no more than room. */
  losePower(random: Random): void {
    const tail = this.#dropped ? NOTHING : this.bytes.subarray(this.#safe.length);
    const isAppended = this.bytes.subarray(0, this.#safe.length).equals(this.#safe);
    if (isAppended) {
      const kept = Buffer.from(tail.subarray(0, random.integer(0, tail.length)));
      if (random.chance(0.2)) kept.fill(0, random.integer(0, kept.length));
      this.bytes = Buffer.concat([this.#safe, kept]);
    } else if (this.bytes.length >= this.#safe.length) {
      // Written over: block by block, as far as it came.
      const done = random.integer(0, this.bytes.length);
      this.bytes = Buffer.concat([this.bytes.subarray(0, done), this.#safe.subarray(done)]);
    } else if (random.chance(0.5)) this.bytes = this.#safe;
    this.#safe = this.bytes;
    this.#dropped = undefined;
  }
}
