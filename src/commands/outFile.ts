import { realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { either as E } from 'fp-ts';
import { reasonOf } from '../production/thrown.ts';
import { Misconfigured } from './settings.ts';

const placeOf = (file: string): string =>
  E.getOrElse(() => resolve(file))(E.tryCatch(() => realpathSync(file), reasonOf));

/** @throws Misconfigured where what is to be written would take the place of what was read */
export const keepInputs = (
  out: string,
  inputs: ReadonlyArray<string | undefined>,
  option = '--out',
): void => {
  const read = inputs.find((input) => input !== undefined && placeOf(input) === placeOf(out));
  if (read !== undefined)
    throw new Misconfigured([`${option}: ${out} is read for it; name another file`]);
};
