import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';

/** What the first bytes say: UTF-8 unless they are the mark of another one. */
const MARKS: ReadonlyArray<readonly [string, ReadonlyArray<number>]> = [
  ['utf-16le', [0xff, 0xfe]],
  ['utf-16be', [0xfe, 0xff]],
];

const encodingOf = (bytes: Uint8Array): string =>
  MARKS.find(([, mark]) => mark.every((byte, at) => bytes[at] === byte))?.[0] ?? 'utf-8';

const canBe = (encoding: string, bytes: Uint8Array): boolean => {
  try {
    new TextDecoder(encoding, { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
};

/** What a text that is not UTF-8 was most likely written in: Korean's bytes come in pairs. */
const guess = (bytes: Uint8Array): string =>
  canBe('euc-kr', bytes) ? 'CP949 (EUC-KR)' : 'Latin-1 or Windows-1252';

/**
 * A text as people's programs save it: UTF-8 with or without a byte order mark, or UTF-16 with one.
 * @throws Error that names the encoding where it is another one
 */
export const decodeText = (bytes: Uint8Array, file: string): string => {
  const encoding = encodingOf(bytes);
  if (!canBe(encoding, bytes))
    throw new Error(
      `${file}: is not in UTF-8 but, it seems, in ${guess(bytes)}: save it as UTF-8 ("CSV UTF-8" in a spreadsheet)`,
    );
  return new TextDecoder(encoding).decode(bytes);
};

/** @throws what the disk says, and as {@link decodeText} */
export const readTextFile = async (file: string): Promise<string> =>
  decodeText(await readFile(file), file);

/** @throws as {@link readTextFile} */
export const readTextFileSync = (file: string): string => decodeText(readFileSync(file), file);
