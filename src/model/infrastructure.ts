import { either as E } from 'fp-ts';
import { PhoneId } from './phoneId.ts';

/** An id that behaves as access points do was found; Unix seconds. */
export interface Infrastructure {
  readonly phone_id: string;
  /** Since when it has stood still. */
  readonly since_ts: number;
  readonly ts: number;
}

/** Ids of which the user says that they are infrastructure (true), or are not whatever they do. */
export type Listed = ReadonlyMap<string, boolean>;

const KINDS = new Map([
  ['', true],
  ['infrastructure', true],
  ['phone', false],
]);

const isHeader = (first: string): boolean => /^(phone_id|mac|address)$/i.test(first);

/**
 * Reads infrastructure.csv: an address or another id a line, in any writing; `phone` behind a comma
 * takes it out of the rule, `infrastructure` or nothing makes it part of the shop. A header, empty
 * lines and what follows a # are left alone. Left: problems by line, without the text of the line, which may be an address.
 */
export const readInfrastructure = (
  text: string,
  file: string,
): E.Either<ReadonlyArray<string>, Listed> => {
  const listed = new Map<string, boolean>();
  const problems: string[] = [];
  for (const [index, line] of text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .entries()) {
    const [first = '', second = ''] = line
      .replace(/#.*/, '')
      .split(/[,;\t]/)
      .map((cell) =>
        cell
          .trim()
          .replace(/^"(.*)"$/, '$1')
          .trim(),
      );
    if (first === '' || (index === 0 && isHeader(first))) continue;
    const id = PhoneId.decode(first);
    const isInfrastructure = KINDS.get(second.toLowerCase());
    if (E.isRight(id) && isInfrastructure !== undefined) listed.set(id.right, isInfrastructure);
    else if (E.isRight(id))
      problems.push(
        `${file} line ${index + 1}: write phone or infrastructure behind the id, or nothing`,
      );
    else
      problems.push(
        `${file} line ${index + 1}: write an address such as a8:76:50:e9:28:20, or an id as the files have it`,
      );
  }
  return problems.length > 0 ? E.left(problems) : E.right(listed);
};
