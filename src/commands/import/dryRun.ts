import { either as E } from 'fp-ts';
import { concatMap, expand, lastValueFrom, tap, timer } from 'rxjs';
import type { Config } from '../../config.ts';
import type { Env } from '../../model/shapes.ts';
import { progressBar, type Terminal } from '../../production/terminal.ts';
import { scriptRows } from '../../streams/scriptRows.ts';
import { WINDOW_MS } from '../settings.ts';
import { ImportTally } from './importTally.ts';
import { dryRunText, linesRead } from './importText.ts';
import { zonesToCompare } from './importZones.ts';
import { lookAt, progressOf } from './scriptFolder.ts';

/** Reads all from the beginning and tells what an import would send; sends and remembers nothing. */
export const dryRun = async (
  dir: string,
  config: Config,
  terminal: Terminal,
  env: Env,
): Promise<void> => {
  const tally = new ImportTally();
  const progress = progressOf(dir, tally);
  const read = lookAt(dir, env.log);
  await lastValueFrom(
    read().pipe(
      // Between two readings others have their turn, Ctrl-C among them.
      expand(() => timer(0).pipe(concatMap(read))),
      tap((lines) => {
        tally.read(lines);
        terminal.status(progressBar(progress(), linesRead(tally)));
      }),
      concatMap((lines) => lines),
      scriptRows(WINDOW_MS),
      tap((one) => (E.isLeft(one) ? tally.leftOut(one.left) : tally.row(one.right))),
    ),
    { defaultValue: undefined },
  );
  terminal.status('');
  terminal.print(dryRunText(tally, await zonesToCompare(config, env)));
};
