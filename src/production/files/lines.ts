import { DISK, type Disk } from './disk.ts';

const CHUNK = 262_144;

/**
 * The lines of a file from byte `from` on, up to `to`, read as they are asked for; `onRead` learns how many
 * bytes were read so far. Synchronous, because virtual time stands still while a promise is awaited.
 */
export function* linesOf(
  path: string,
  onRead: (bytes: number) => void = () => {},
  from = 0,
  { openSync, readSync, closeSync }: Disk = DISK,
  to = Number.POSITIVE_INFINITY,
) {
  const file = openSync(path, 'r');
  const chunk = Buffer.allocUnsafe(CHUNK);
  const decoder = new TextDecoder();
  const next = (): number =>
    readSync(file, chunk, 0, Math.min(CHUNK, to - from - total), from + total);
  let total = 0;
  let rest = '';
  try {
    for (let read = next(); read > 0; read = next()) {
      total += read;
      onRead(total);
      const lines = (rest + decoder.decode(chunk.subarray(0, read), { stream: true })).split('\n');
      rest = lines.pop() ?? '';
      yield* lines;
    }
    if (rest !== '') yield rest;
  } finally {
    closeSync(file);
  }
}
