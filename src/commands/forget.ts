import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { Command } from 'commander';
import { either as E } from 'fp-ts';
import * as t from 'io-ts';
import type { Config } from '../config.ts';
import { EXAMPLE_MAC, Mac } from '../model/mac.ts';
import { PhoneId } from '../model/phoneId.ts';
import { lockRedrive } from '../production/files/deadLetterBox.ts';
import { forgetInFiles, type Traces, tracesInFiles } from '../production/files/forgetInFiles.ts';
import { hashMac } from '../production/hashMac.ts';
import { type InstanceLock, lockDirectory } from '../production/instanceLock.ts';
import { saltedId } from '../production/saltedId.ts';
import { openTerminal, type Terminal } from '../production/terminal.ts';
import {
  type Administration,
  adminConfig,
  chosenStore,
  findAdministration,
} from './administration.ts';
import { Misconfigured } from './settings.ts';

interface ForgetOptions {
  readonly store?: string;
  readonly dryRun?: true;
}

const Rows = t.record(t.string, t.number);
type Rows = t.TypeOf<typeof Rows>;
const Receipt = t.strict({ removed: Rows, left: Rows });

const firstLine = async (terminal: Terminal): Promise<string> => {
  if (process.stdin.isTTY) terminal.print('  MAC address, or another id: ');
  for await (const line of createInterface({ input: process.stdin })) return line.trim();
  return '';
};

/** The phone's ids: its own, and the one that sensors make of its address with the salt. */
const readIds = (written: string, salt: string | undefined): ReadonlyArray<string> => {
  const id = PhoneId.decode(written);
  if (E.isRight(id))
    return Mac.is(id.right) && salt !== undefined
      ? [id.right, saltedId(salt)(id.right)]
      : [id.right];
  // Not echoed: it may be an address with a slip of the pen.
  throw new Misconfigured([
    `give a MAC address such as ${EXAMPLE_MAC}, or an id as the files have it: id:…, or 16 hexadecimal digits`,
  ]);
};

const hashWith = (secret: string | undefined, id: string): string => {
  if (secret !== undefined) return hashMac(secret)(id);
  throw new Misconfigured([
    'PHONE_HASH_SECRET: needed: the database knows phones by the hash that this secret makes',
  ]);
};

const sum = (counts: ReadonlyArray<number>): number => counts.reduce((a, b) => a + b, 0);

const printRows = (rows: Rows, terminal: Terminal): void => {
  for (const [table, count] of Object.entries(rows))
    terminal.print(`    ${table.padEnd(20)}${String(count).padStart(8)} rows\n`);
};

const printFiles = (files: ReadonlyArray<Traces>, terminal: Terminal): void => {
  if (files.length === 0) terminal.print('    nothing\n');
  for (const { file, lines } of files)
    terminal.print(`    ${file.padEnd(34)}${String(lines).padStart(8)} lines\n`);
};

const linesOf = (files: ReadonlyArray<Traces>): number => sum(files.map(({ lines }) => lines));

const printForeign = (dir: string, files: ReadonlyArray<Traces>, terminal: Terminal): void => {
  if (files.length === 0) return;
  terminal.print(`\n  Not changed, for this program did not write them: lines in ${dir}/\n`);
  printFiles(files, terminal);
};

interface Phone {
  readonly storeId: string;
  readonly hashes: ReadonlyArray<string>;
}

const added = (all: ReadonlyArray<Rows>): Rows => {
  const total: Rows = {};
  for (const [table, count] of all.flatMap(Object.entries<number>))
    total[table] = (total[table] ?? 0) + count;
  return total;
};

const inDatabase = async (
  admin: Administration,
  { storeId: store_id, hashes }: Phone,
  terminal: Terminal,
  dryRun: boolean,
): Promise<number> => {
  const ofEach = async <A>(ask: (hash: string) => Promise<A>): Promise<ReadonlyArray<A>> => {
    const answers: A[] = [];
    for (const hash of hashes) answers.push(await ask(hash));
    return answers;
  };
  const traces = async () =>
    added(await ofEach((hashed_mac) => admin.call('phone_traces', { store_id, hashed_mac }, Rows)));
  if (dryRun) {
    terminal.print('\n  In the database there are\n');
    printRows(await traces(), terminal);
    return 0;
  }
  const receipts = await ofEach((hashed_mac) =>
    admin.call('forget_phone', { store_id, hashed_mac }, Receipt),
  );
  terminal.print('\n  Removed from the database\n');
  printRows(added(receipts.map(({ removed }) => removed)), terminal);
  // Asked again, after the commit.
  return sum(Object.values(await traces()));
};

const inFiles = async (
  dir: string,
  names: ReadonlyArray<string>,
  terminal: Terminal,
  dryRun: boolean,
): Promise<{ readonly left: number; readonly foreign: number }> => {
  if (dryRun) {
    terminal.print(`\n  In the files of ${dir}/ there are\n`);
    const { own, foreign } = await tracesInFiles(dir, names);
    printFiles(own, terminal);
    printForeign(dir, foreign, terminal);
    return { left: 0, foreign: 0 };
  }
  const removed = await forgetInFiles(dir, names);
  terminal.print(`\n  Removed from the files of ${dir}/\n`);
  printFiles(removed, terminal);
  const { own, foreign } = await tracesInFiles(dir, names);
  printForeign(dir, foreign, terminal);
  return { left: linesOf(own), foreign: linesOf(foreign) };
};

const forget = async (
  ids: ReadonlyArray<string>,
  { store, dryRun = false }: { readonly store?: string; readonly dryRun?: boolean },
  config: Config,
  terminal: Terminal,
): Promise<void> => {
  const admin = await findAdministration(config, terminal.status);
  // Sensors may have hashed it: then the files know it by its hash, database or not.
  const { PHONE_HASH_SECRET: secret } = config;
  const hashes = secret === undefined ? [] : ids.map(hashMac(secret));
  try {
    const phone = admin && {
      storeId: chosenStore(store, admin),
      hashes: ids.map((id) => hashWith(admin.phoneHashSecret, id)),
    };
    const left =
      admin && phone
        ? await inDatabase(admin, phone, terminal, dryRun)
        : terminal.print(
            '\n  There is no database here, and SUPABASE_URL names none: files only.\n' +
              (secret === undefined
                ? '  If sensors hash addresses (HASH_SECRET), give PHONE_HASH_SECRET to find those lines.\n'
                : ''),
          );
    const { left: inOwn, foreign } = await inFiles(
      config.OUTPUT_DIR,
      [...ids, ...(phone?.hashes ?? hashes)],
      terminal,
      dryRun,
    );
    if (dryRun) return terminal.print('\n  Nothing was changed.\n');
    if ((left ?? 0) + inOwn > 0)
      throw new Error(`${left ?? 0} rows and ${inOwn} lines are left: run it again`);
    terminal.print(
      foreign === 0
        ? '\n  Looked again: nothing is left of this phone that a search can find.\n' +
            '  What no search finds, such as pages that a database has not written over: docs/privacy.md\n'
        : `\n  Looked again: nothing is left in what this program wrote. ${foreign} lines of files that\n` +
            '  another program wrote still speak of this phone: remove them there, or delete those files.\n',
    );
  } finally {
    await admin?.close();
  }
};

const run = async (written: string | undefined, options: ForgetOptions): Promise<void> => {
  const config = adminConfig();
  const terminal = openTerminal(process.stdout);
  const ids = readIds(written ?? (await firstLine(terminal)), config.PHONE_HASH_SALT);
  // A pipeline, or a redrive, would write the phone down again, from what it holds in memory.
  const locks: InstanceLock[] = [];
  try {
    if (existsSync(config.OUTPUT_DIR)) {
      locks.push(await lockDirectory(config.OUTPUT_DIR, 'forget'));
      locks.push(await lockRedrive(config.OUTPUT_DIR, 'forget'));
    }
    await forget(ids, options, config, terminal);
  } finally {
    for (const { release } of locks) await release();
  }
};

/** `npm run forget`: everything that one phone has caused is removed, here and in the database. */
export const forgetCommand = (): Command =>
  new Command('forget')
    .description('Removes all that is known of one phone, and proves it. Stop the pipeline first.')
    .argument(
      '[phone]',
      'its address or id; asked for if absent, so that no shell history holds it',
    )
    .option('--store <uuid>', 'instead of STORE_ID')
    .option('--dry-run', 'only count what would be removed')
    .action(run);
