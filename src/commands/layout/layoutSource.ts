import { either as E } from 'fp-ts';
import {
  catchError,
  concatMap,
  defer,
  EMPTY,
  firstValueFrom,
  from,
  map,
  type Observable,
  of,
} from 'rxjs';
import type { Config } from '../../config.ts';
import type { Layout } from '../../model/layout.ts';
import { layoutChange } from '../../model/layoutChange.ts';
import { layoutOfDirectory } from '../../model/layoutDirectory.ts';
import { toDeliveryError } from '../../model/outcome.ts';
import type { Env } from '../../model/shapes.ts';
import { keepLayout, keptLayoutDir, readKeptLayout } from '../../production/files/keptLayout.ts';
import { lookUpDirectory } from '../../production/supabase.ts';
import type { Destination } from '../destination.ts';
import { Misconfigured } from '../settings.ts';
import { loadShopLayout, type ShopLayout } from './shopLayout.ts';

const FILES_EVERY_MS = 5_000;

type Read = E.Either<ReadonlyArray<string>, Layout>;

/** Where zones and sensors come from, and how to look whether they have changed. */
export interface LayoutSource extends Omit<ShopLayout, 'layout'> {
  /** As it is told to people. */
  readonly name: string;
  readonly initial: Layout;
  /** Left: what keeps it from being used. Empty: it cannot be known just now. Never errors. */
  readonly read: Observable<Read>;
  readonly everyMs: number;
}

const problemsOf = (thrown: unknown): ReadonlyArray<string> =>
  thrown instanceof Misconfigured ? thrown.problems : [String(thrown)];

/**
 * The files that the settings name.
 *
 * @param isDemo whether a shop is simulated whatever the settings say
 * @throws Misconfigured
 */
export const layoutOfFiles = async (config: Config, isDemo = false): Promise<LayoutSource> => {
  const files = { zones: { file: config.ZONES_FILE }, sensors: { file: config.SENSORS_FILE } };
  const load = () => loadShopLayout(config, files, isDemo);
  const { layout, ...others } = await load();
  return {
    ...{ name: config.ZONES_FILE, initial: layout, ...others, everyMs: FILES_EVERY_MS },
    read: defer(() => from(load())).pipe(
      map(({ layout: latest }): Read => E.right(latest)),
      catchError((thrown: unknown) => of(E.left(problemsOf(thrown)))),
    ),
  };
};

/** Remembers on disk what is read; a disk that fails costs no more than a start in an outage. */
const keeping = (dir: string, { log }: Pick<Env, 'log'>) => {
  let kept: Layout | undefined;
  return async (read: Read): Promise<Read> => {
    if (E.isLeft(read) || (kept && layoutChange(kept, read.right) === undefined)) return read;
    try {
      await keepLayout(dir, read.right);
      kept = read.right;
    } catch (thrown) {
      log({ level: 'warn', event: 'layout not kept', dir, reason: String(thrown) });
    }
    return read;
  };
};

const lastKnown = async (
  dir: string,
  problems: ReadonlyArray<string>,
  { log }: Pick<Env, 'log'>,
): Promise<Layout> => {
  const kept = await readKeptLayout(dir);
  if (kept === undefined)
    throw new Misconfigured(problems.map((problem) => `LAYOUT_SOURCE: ${problem}`));
  log({ level: 'warn', event: 'layout of before', dir, problems: problems.join('; ') });
  return kept;
};

/**
 * zones_dim and sensors of the token's store, as the function tells them; kept in OUTPUT_DIR for a
 * start in an outage. @throws Misconfigured where they cannot be had and were not kept
 */
export const layoutOfDatabase = async (
  config: Config,
  { access, storeId }: Pick<Destination, 'access' | 'storeId'>,
  env: Pick<Env, 'log'>,
): Promise<LayoutSource> => {
  const dir = keptLayoutDir(config.OUTPUT_DIR, storeId);
  const keep = keeping(dir, env);
  const ask = lookUpDirectory(access).pipe(map(layoutOfDirectory), concatMap(keep));
  const failure = (thrown: unknown): ReadonlyArray<string> => {
    const { reason, advice } = toDeliveryError(thrown);
    return [advice === undefined ? reason : `${reason}: ${advice}`];
  };
  const first = await firstValueFrom(
    ask.pipe(catchError((thrown: unknown) => of<Read>(E.left(failure(thrown))))),
  );
  const isLast = E.isLeft(first);
  return {
    name: isLast ? `the database's as of before, ${dir}` : 'of the database',
    initial: isLast ? await lastKnown(dir, first.left, env) : first.right,
    notes: [],
    sensorsIn: "the database's sensors",
    everyMs: config.LAYOUT_POLL_SEC * 1000,
    read: ask.pipe(
      // Uploads tell of an outage themselves.
      catchError((thrown: unknown) =>
        toDeliveryError(thrown)._tag === 'Transient' ? EMPTY : of<Read>(E.left(failure(thrown))),
      ),
    ),
  };
};
