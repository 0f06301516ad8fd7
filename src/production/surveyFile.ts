import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs';

const readAt = (file: number, length: number, position: number): string => {
  const bytes = Buffer.alloc(length);
  return bytes.toString('utf8', 0, readSync(file, bytes, 0, length, position));
};

/**
 * A survey that grows line by line: what was added stays, whatever becomes of this process. Appends to
 * the file that is there, where its columns are these. @throws where they are others
 */
export const openSurveyFile = (path: string, header: string) => {
  const file = openSync(path, 'a+', 0o600);
  const { size } = fstatSync(file);
  // A spreadsheet may have written it, with another end of line.
  const first = readAt(file, Buffer.byteLength(header) + 1, 0).replace('\r\n', '\n');
  if (size > 0 && !first.startsWith(header)) {
    closeSync(file);
    throw new Error(
      `${path} has other columns than ${header.trim()}: its sensors are others; give a new file`,
    );
  }
  if (size === 0) writeSync(file, header);
  // A line that was cut off by a crash shall not spoil the next one.
  else if (readAt(file, 1, size - 1) !== '\n') writeSync(file, '\n');
  return {
    add: (line: string): void => void writeSync(file, line),
    close: (): void => closeSync(file),
  };
};
