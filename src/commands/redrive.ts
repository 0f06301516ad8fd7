import { setTimeout as sleep } from 'node:timers/promises';
import { Command, InvalidArgumentError } from 'commander';
import { lastValueFrom, tap } from 'rxjs';
import type { Config } from '../config.ts';
import type { WaitingLetter } from '../model/failedUpload.ts';
import { isDeadLetter, isDelivered } from '../model/outcome.ts';
import { sizeOf } from '../model/upload.ts';
import { productionEnv } from '../production/env.ts';
import { deadLetterBox, lockRedrive } from '../production/files/deadLetterBox.ts';
import { readDeadLetters } from '../production/files/deadLetters.ts';
import { jsonlFiles } from '../production/files/jsonlFiles.ts';
import type { InstanceLock } from '../production/instanceLock.ts';
import { createLog, logEvent } from '../production/log.ts';
import { safeText } from '../production/safeText.ts';
import { openTerminal, progressBar, type Terminal } from '../production/terminal.ts';
import { redrive, watchArrivals } from '../sinks/redrive.ts';
import { sendUpload, type Uploaded } from '../sinks/sendUpload.ts';
import { reachDestination } from './destination.ts';
import { filesOptions, loadConfig, retryOf, triesToBlame } from './settings.ts';
import { uploadPorts } from './uploadStage.ts';

interface RedriveOptions {
  readonly dryRun?: true;
  readonly since?: Date;
  readonly rate: number;
}

const PURPOSE = 'npm run redrive';
/** A pipeline that sends dead letters itself is mostly done soon. */
const PATIENCE_MS = 30_000;

const lock = async (dir: string, terminal: Terminal): Promise<InstanceLock> => {
  for (const until = Date.now() + PATIENCE_MS; ; await sleep(500)) {
    try {
      return await lockRedrive(dir, PURPOSE);
    } catch (problem) {
      if (Date.now() > until) throw problem;
      terminal.status('  waiting for another redrive of this directory');
    }
  }
};

const send = async (
  letters: ReadonlyArray<WaitingLetter>,
  rate: number,
  config: Config,
  terminal: Terminal,
): Promise<ReadonlyArray<Uploaded>> => {
  const log = logEvent(createLog(config.LOG_LEVEL, terminal.log));
  const env = productionEnv(log);
  const { append, close: closeFiles } = jsonlFiles(filesOptions(config, log));
  const { destination, close } = await reachDestination(config, log, terminal.status);
  const { deliver, lastArrivalAt } = watchArrivals(uploadPorts(destination, env).deliver, env);
  const box = {
    ...deadLetterBox(config.OUTPUT_DIR, PURPOSE, log),
    appendFailed: append('failed_uploads.redrive'),
    appendRedriven: append('redriven_uploads.redrive'),
  };
  const again = redrive(
    sendUpload(deliver, retryOf(config), env),
    box,
    lastArrivalAt,
    { intervalMs: 1000 / rate, triesToBlame: triesToBlame(config) },
    env,
  );
  const outcomes: Uploaded[] = [];
  try {
    const sent$ = again(letters).pipe(
      tap((outcome) => {
        outcomes.push(outcome);
        terminal.status(progressBar(outcomes.length / letters.length, 'uploads sent'));
      }),
    );
    await lastValueFrom(sent$, { defaultValue: undefined });
    return outcomes;
  } finally {
    await closeFiles();
    await close();
  }
};

const counted = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`;

const uploadsOf = (rows: ReadonlyArray<number>): string =>
  `${counted(rows.length, 'upload')} (${counted(
    rows.reduce((sum, n) => sum + n, 0),
    'row',
  )})`;

const described = ({ batch_id, failed_at, rows, attempts, retryable, reason }: WaitingLetter) =>
  [
    `  ${batch_id}`,
    new Date(failed_at * 1000).toISOString(),
    counted(rows, 'row'),
    counted(attempts, 'attempt'),
    retryable ? 'sent by itself' : 'by hand only',
    safeText(reason),
  ].join('  ');

const run = async ({ dryRun, since, rate }: RedriveOptions): Promise<void> => {
  // Redriving is uploading, whatever the pipeline is told.
  const config = loadConfig({ ENABLE_UPLOAD: 'true' });
  const terminal = openTerminal(process.stdout);
  const choose = (): ReadonlyArray<WaitingLetter> => {
    const { pending, unreadable } = readDeadLetters(config.OUTPUT_DIR);
    if (unreadable > 0)
      terminal.print(`  ${unreadable} lines cannot be read and were left alone\n`);
    const chosen = pending.filter(({ failed_at }) => failed_at * 1000 >= (since?.getTime() ?? 0));
    terminal.print(
      `  ${uploadsOf(chosen.map(({ rows }) => rows))} wait in ${config.OUTPUT_DIR}/\n`,
    );
    return chosen;
  };
  if (dryRun) {
    for (const letter of choose()) terminal.print(`${described(letter)}\n`);
    return;
  }
  if (readDeadLetters(config.OUTPUT_DIR).pending.length === 0) {
    choose();
    return;
  }
  const { release } = await lock(config.OUTPUT_DIR, terminal);
  try {
    const chosen = choose();
    const outcomes = chosen.length === 0 ? [] : await send(chosen, rate, config, terminal);
    const arrived = outcomes.filter(isDelivered);
    const failed = outcomes.filter(isDeadLetter);
    terminal.print(
      `\n  ${uploadsOf(arrived.map(({ item }) => sizeOf(item)))} arrived, ${failed.length} failed again\n`,
    );
    for (const reason of new Set(failed.map(({ error }) => error.advice ?? error.reason)))
      terminal.print(`  ${safeText(reason)}\n`);
    if (failed.length > 0) process.exitCode = 1;
  } finally {
    await release();
  }
};

const UNITS: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

const instant = (text: string): Date => {
  const [, amount, unit = ''] = /^(\d+)([smhd])$/.exec(text) ?? [];
  const date =
    amount === undefined
      ? new Date(text)
      : new Date(Date.now() - Number(amount) * (UNITS[unit] ?? 0));
  if (Number.isNaN(date.getTime()))
    throw new InvalidArgumentError(
      'Give a date such as 2026-03-01T12:00:00Z, or an age such as 2h.',
    );
  return date;
};

const perSecond = (text: string): number => {
  const rate = Number(text.replace(/\/s$/, ''));
  if (!(rate > 0 && rate <= 1000)) throw new InvalidArgumentError('Give uploads a second, 0…1000.');
  return rate;
};

/** `npm run redrive`: dead letters are sent again, each under the id it had. */
export const redriveCommand = (): Command =>
  new Command('redrive')
    .description('Sends the uploads in failed_uploads.jsonl again. Safe to repeat.')
    .option('--dry-run', 'only list what would be sent')
    .option(
      '--since <when>',
      'only what failed since: a date, or an age such as 90m, 2h, 7d',
      instant,
    )
    .option('--rate <n/s>', 'uploads a second at most', perSecond, 5)
    .action(run);
