import type { JsonlFile } from '../../src/model/jsonlFile.ts';
import { isRotated } from '../../src/production/files/segments.ts';

const orderOf = (name: string): string => {
  const [day = '', number = ''] = name.split('.').slice(-3);
  return `${day} ${number.padStart(9, '0')}`;
};

/** The lines of a stream, of its rotated files first, and what stands behind the last whole one of any. */
export const linesIn = (
  texts: ReadonlyMap<string, string>,
  file: JsonlFile,
): { readonly lines: ReadonlyArray<string>; readonly torn: string } => {
  const rotated = [...texts.keys()].filter((name) => isRotated(file, name));
  const names = [...rotated.sort((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1)), `${file}.jsonl`];
  const split = names.map((name) => (texts.get(name) ?? '').split('\n'));
  return {
    lines: split.flatMap((lines) => lines.slice(0, -1)),
    torn: split.map((lines) => lines.at(-1)).join(''),
  };
};
