import { createHash } from 'node:crypto';
import { either as E } from 'fp-ts';
import { FailedUpload } from '../../model/failedUpload.ts';
import { parseJson } from '../../model/json.ts';
import { EXAMPLE_MAC } from '../../model/mac.ts';
import { sizeOf } from '../../model/upload.ts';

const ADDRESS = /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/;

/** A name as a whole: `ab` is no part of `abc`, nor of `x:ab`, but for the kind that we write before it. */
const wholeNameOf = (name: string): string =>
  `(?<![\\w:.-])(?:id:|hashed:(?:\\w+:)?)?${name.replaceAll(/[^\w\s]/g, '\\$&')}(?![\\w:.-])`;

/**
 * Rejected messages hold an address as its sender wrote it: between any two bytes there may be a
 * separator, percent-encoded too. Dots only in one of the two usual places, for numbers have one.
 */
const writingsOf = (name: string): string => {
  if (!ADDRESS.test(name)) return wholeNameOf(name.replace(/^(id|hashed:unknown):/, ''));
  const bytes = name.split(':');
  const pairs = bytes.join('').match(/.{4}/g) ?? [];
  return [bytes.join('(?:[:_\\s-]|%3a|%2d|%20)?'), bytes.join('\\.'), pairs.join('\\.')].join('|');
};

/** What our own messages show is nobody's. */
const EXAMPLE = `such as ${EXAMPLE_MAC}`;

const patternOf = (names: ReadonlyArray<string>): RegExp =>
  new RegExp(names.map(writingsOf).join('|'), 'gi');

// Not `test`, which goes on from where the last one ended.
const speaksOf = (phone: RegExp, text: string): boolean =>
  text.replaceAll(EXAMPLE, '').search(phone) >= 0;

/** A uuid that follows from another one, so that every line of a batch gets the same. */
const renamed = (batchId: string): string => {
  const hex = createHash('sha256').update(`without a phone|${batchId}`).digest('hex');
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
};

/**
 * A dead letter without the phone's rows; undefined if it holds no others. It is another payload
 * now, and the database takes one payload under one id, so it gets an id of its own.
 */
const letterWithout = (phone: RegExp, line: string): string | undefined => {
  const letter = FailedUpload.decode(parseJson(line));
  if (E.isLeft(letter)) return undefined;
  const { answer: _mayQuoteRows, upload, ...rest } = letter.right;
  const isAnother = ({ phone_id }: { readonly phone_id: string }) => !speaksOf(phone, phone_id);
  const others = {
    batch_id: renamed(upload.batch_id),
    assignments: upload.assignments.filter(isAnother),
    dwells: upload.dwells.filter(isAnother),
  };
  const written = JSON.stringify({ ...rest, upload: others });
  return sizeOf(others) === 0 || speaksOf(phone, written) ? undefined : written;
};

/**
 * What remains of a line when a phone is forgotten: the line itself where it does not speak of the
 * phone; of a dead letter its other phones; nothing of any other line of a JSONL file. A JSON file
 * is one value that somebody relies on, a place in a file for example: there the phone's name goes.
 */
export const lineWithout = (names: ReadonlyArray<string>, file: string) => {
  const phone = patternOf(names);
  return (line: string): string | undefined => {
    if (!speaksOf(phone, line)) return line;
    if (!/\.jsonl(\.gz)?$/.test(file)) return line.replaceAll(phone, 'forgotten');
    return file.startsWith('failed_uploads.') ? letterWithout(phone, line) : undefined;
  };
};
