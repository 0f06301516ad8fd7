import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { Command } from 'commander';
import { delay, EMPTY, lastValueFrom, type Observable, of, takeUntil, tap, timer } from 'rxjs';
import type { Config } from '../../config.ts';
import type { Env } from '../../model/shapes.ts';
import { Closers } from '../../production/closers.ts';
import { productionEnv } from '../../production/env.ts';
import { jsonlFiles } from '../../production/files/jsonlFiles.ts';
import { lockDirectory } from '../../production/instanceLock.ts';
import { createLog, logEvent } from '../../production/log.ts';
import { stopSignal } from '../../production/stopSignal.ts';
import { openTerminal, type Terminal } from '../../production/terminal.ts';
import { type ImportPolicy, type ImportStage, imports } from '../../streams/imports.ts';
import { reachDestination } from '../destination.ts';
import {
  DATA_DIR,
  filesOptions,
  loadConfig,
  Misconfigured,
  uploadPolicyOf,
  WINDOW_MS,
} from '../settings.ts';
import { uploadPorts } from '../uploadStage.ts';
import { dryRun } from './dryRun.ts';
import { checkZones } from './importZones.ts';
import { followFolder, scriptFolder } from './scriptFolder.ts';
import { Telling } from './telling.ts';

interface ImportOptions {
  readonly from?: string;
  readonly follow?: true;
  readonly dryRun?: true;
}

const IMPORTS_DIR = join(DATA_DIR, 'imports');
/** How often followed files are looked at. */
const POLL_MS = 1_000;
/** How long the last uploads may take after Ctrl-C; the next import sends the rest. */
const DRAIN_MS = 10_000;

const policyOf = (config: Config, follows: boolean): ImportPolicy => {
  const { batch, retry, breaker, catchUp } = uploadPolicyOf(config);
  const { concurrency, waitingItems: waitingRows } = catchUp;
  // A file that is followed may become readable; one that is not is said at once.
  const maxRetries = follows ? Number.POSITIVE_INFINITY : 3;
  const readRetry = { maxRetries, initialDelayMs: 500, maxDelayMs: 10_000 };
  return { batch, retry, breaker, concurrency, waitingRows, readRetry, windowMs: WINDOW_MS };
};

const send = async (
  dir: string,
  follows: boolean,
  config: Config,
  terminal: Terminal,
  env: Env,
): Promise<void> => {
  const closers = new Closers();
  await closers.after(async () => {
    const { release } = await lockDirectory(IMPORTS_DIR, 'npm run import');
    closers.add(release);
    const { destination, close } = await reachDestination(config, env.log, terminal.status);
    closers.add(close);
    const files = jsonlFiles(filesOptions(config, env.log));
    closers.add(files.close);
    const ports = uploadPorts(destination, env);
    await checkZones(ports.probe, env.log);
    const source = followFolder(dir, destination.storeId, IMPORTS_DIR, env.log);
    let isStopped = false;
    const stop$ = stopSignal(() => {
      isStopped = true;
      terminal.print(
        '\n  Stopping: the next import goes on from here. Ctrl-C again exits at once.\n',
      );
    });
    const stage: ImportStage = {
      ...ports,
      source: { ...source, read: () => (isStopped ? EMPTY : source.read()) },
      newBatchId: randomUUID,
      appendFailed: files.append('failed_uploads.import'),
    };
    terminal.status('');
    terminal.print(
      `  ${follows ? `Following ${dir}, Ctrl-C stops` : `Importing ${dir}`} → ${destination.access.url}\n`,
    );
    const telling = new Telling(dir, terminal, follows);
    const wake$: Observable<unknown> = follows ? timer(0, POLL_MS) : of(0);
    await lastValueFrom(
      wake$.pipe(
        takeUntil(stop$),
        imports(stage, policyOf(config, follows), env),
        takeUntil(stop$.pipe(delay(DRAIN_MS))),
        tap((report) => telling.hear(report)),
      ),
      { defaultValue: undefined },
    );
    telling.conclude();
    if (telling.sent.failed > 0 || (isStopped && !follows)) process.exitCode = 1;
  });
};

const run = async ({ from, follow, dryRun: onlyLooks }: ImportOptions): Promise<void> => {
  if (from === undefined)
    throw new Misconfigured([
      '--from: give the folder in which the script writes zone_assignments.jsonl and dwells.jsonl, its OUTPUT_DIR: npm run import -- --from ../neuralsense/output',
    ]);
  const dir = scriptFolder(from, follow === true);
  // Importing is uploading, whatever the pipeline is told.
  const config = loadConfig({ ENABLE_UPLOAD: 'true' });
  const terminal = openTerminal(process.stdout);
  const env = productionEnv(logEvent(createLog(config.LOG_LEVEL, terminal.log)));
  if (onlyLooks) await dryRun(dir, config, terminal, env);
  else await send(dir, follow === true, config, terminal, env);
};

/** `npm run import`: what the script has assigned goes to the database as our own assignments do. */
export const importCommand = (): Command =>
  new Command('import')
    .description("Uploads the Python script's assignments and dwells. Safe to repeat.")
    .option('--from <dir>', "the script's OUTPUT_DIR; it is only read")
    .option('--follow', 'goes on while the script writes')
    .option('--dry-run', 'only tells what would be sent')
    .action(run);
