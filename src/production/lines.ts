import { closeSync, openSync, readSync } from 'node:fs';

const CHUNK = 262_144;

/**
 * The lines of a file, read as they are asked for; `onRead` learns how many bytes were read so
 * far. Synchronous, because virtual time stands still while a promise is awaited.
 */
export function* linesOf(path: string, onRead: (bytes: number) => void = () => {}) {
  const file = openSync(path, 'r');
  const chunk = Buffer.alloc(CHUNK);
  const decoder = new TextDecoder();
  let total = 0;
  let rest = '';
  try {
    for (let read = readSync(file, chunk); read > 0; read = readSync(file, chunk)) {
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
