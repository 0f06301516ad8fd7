import { Command, InvalidArgumentError } from 'commander';
import { filter, from, lastValueFrom, map, type Observable, pipe, tap } from 'rxjs';
import type { Config } from '../config.ts';
import { isDeadLetter, isDelivered, type Outcome } from '../model/outcome.ts';
import type { Env } from '../model/shapes.ts';
import { sizeOf, type Upload } from '../model/upload.ts';
import { fanOut } from '../operators/fanOut.ts';
import { type RedrivenUpload, readDeadLetters } from '../production/deadLetters.ts';
import { productionEnv } from '../production/env.ts';
import { jsonlFiles } from '../production/jsonlFiles.ts';
import { createLog, logEvent } from '../production/log.ts';
import { openTerminal, progressBar, type Terminal } from '../production/terminal.ts';
import { failedUploadsSink } from '../sinks/failedUploadsSink.ts';
import { jsonlSink } from '../sinks/jsonlSink.ts';
import { sendUploads } from '../sinks/uploadSink.ts';
import { type OpenDestination, openDestination, runningStack } from './destination.ts';
import { filesOptions, loadConfig, retryOf } from './settings.ts';
import { uploadPorts } from './uploadStage.ts';

type Append = ReturnType<typeof jsonlFiles>['append'];

interface RedriveOptions {
  readonly dryRun?: true;
  readonly since?: Date;
}

const reach = async (
  config: Config,
  log: Env['log'],
  terminal: Terminal,
): Promise<OpenDestination> => {
  const running = config.SUPABASE_URL === undefined ? await runningStack(config) : undefined;
  return running
    ? { destination: running, close: async () => {} }
    : openDestination(config, log, terminal.status);
};

/** Writes down what arrived, so that no later redrive sends it again. */
const recordArrived = (append: Append, env: Env) =>
  pipe(
    filter((outcome: Outcome<Upload>) => isDelivered(outcome)),
    map(
      ({ item }): RedrivenUpload => ({
        batch_id: item.batch_id,
        redriven_at: env.scheduler.now() / 1000,
      }),
    ),
    jsonlSink<RedrivenUpload>('redriven_uploads', append('redriven_uploads'), env),
  );

/** Keeps the rows that the database refused out of an upload that it took. */
const keepRefused = (sent: ReadonlySet<string>, append: Append, env: Env) =>
  pipe(
    filter((outcome: Outcome<Upload>) => isDeadLetter(outcome)),
    filter(({ item }) => !sent.has(item.batch_id)),
    failedUploadsSink(append('failed_uploads.redrive'), env),
  );

const send = async (
  uploads: ReadonlyArray<Upload>,
  config: Config,
  terminal: Terminal,
): Promise<ReadonlyArray<Outcome<Upload>>> => {
  const log = logEvent(createLog(config.LOG_LEVEL, terminal.log));
  const env = productionEnv(log);
  const { append, close: closeFiles } = jsonlFiles(filesOptions(config, log));
  const { destination, close } = await reach(config, log, terminal);
  const { deliver, newBatchId } = uploadPorts(destination, env);
  const sent = new Set(uploads.map(({ batch_id }) => batch_id));
  const outcomes: Array<Outcome<Upload>> = [];
  try {
    const outcomes$: Observable<unknown> = from(uploads).pipe(
      sendUploads(deliver, newBatchId, retryOf(config), env),
      fanOut<Outcome<Upload>, unknown>(
        keepRefused(sent, append, env),
        recordArrived(append, env),
        tap((outcome) => {
          outcomes.push(outcome);
          terminal.status(
            progressBar(
              outcomes.filter(({ item }) => sent.has(item.batch_id)).length / uploads.length,
              'uploads sent',
            ),
          );
        }),
      ),
    );
    await lastValueFrom(outcomes$, { defaultValue: undefined });
    return outcomes;
  } finally {
    await closeFiles();
    await close();
  }
};

const counted = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`;

const rows = (uploads: ReadonlyArray<Upload>): string => {
  const total = uploads.reduce((sum, upload) => sum + sizeOf(upload), 0);
  return `${counted(uploads.length, 'upload')} (${counted(total, 'row')})`;
};

const run = async ({ dryRun, since }: RedriveOptions): Promise<void> => {
  // Redriving is uploading, whatever the pipeline is told.
  const config = loadConfig({ ENABLE_UPLOAD: 'true' });
  const terminal = openTerminal(process.stdout);
  const { pending, unreadable } = readDeadLetters(config.OUTPUT_DIR);
  const chosen = pending.filter(({ failed_at }) => failed_at * 1000 >= (since?.getTime() ?? 0));
  if (unreadable > 0) terminal.print(`  ${unreadable} lines cannot be read and were left alone\n`);
  terminal.print(`  ${rows(chosen.map(({ upload }) => upload))} wait in ${config.OUTPUT_DIR}/\n`);
  for (const { upload, reason, failed_at } of dryRun ? chosen : [])
    terminal.print(
      `  ${upload.batch_id}  ${new Date(failed_at * 1000).toISOString()}  ${sizeOf(upload)} rows  ${reason}\n`,
    );
  if (dryRun || chosen.length === 0) return;

  const outcomes = await send(
    chosen.map(({ upload }) => upload),
    config,
    terminal,
  );
  const arrived = outcomes.filter(isDelivered);
  const failed = outcomes.filter(isDeadLetter);
  terminal.print(
    `\n  ${rows(arrived.map(({ item }) => item))} arrived, ${failed.length} failed again\n`,
  );
  for (const reason of new Set(failed.map(({ error }) => error.reason)))
    terminal.print(`  ${reason}\n`);
  if (failed.length > 0) process.exitCode = 1;
};

const instant = (text: string): Date => {
  const date = new Date(text);
  if (Number.isNaN(date.getTime()))
    throw new InvalidArgumentError('Give a date such as 2026-03-01 or 2026-03-01T12:00:00Z.');
  return date;
};

/** `npm run redrive`: dead letters are sent again, each under the id it had. */
export const redriveCommand = (): Command =>
  new Command('redrive')
    .description('Sends the uploads in failed_uploads.jsonl again. Safe to repeat.')
    .option('--dry-run', 'only list what would be sent')
    .option('--since <date>', 'only what failed at or after this instant', instant)
    .action(run);
