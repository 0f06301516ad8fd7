import { either as E } from 'fp-ts';
import {
  catchError,
  concatMap,
  defer,
  filter,
  ignoreElements,
  map,
  type Observable,
  of,
  tap,
  timer,
} from 'rxjs';
import type { Config } from '../config.ts';
import { type Listed, readInfrastructure } from '../model/infrastructure.ts';
import { Mac } from '../model/mac.ts';
import { addressKind } from '../model/phoneId.ts';
import type { Env } from '../model/shapes.ts';
import { hashMac } from '../production/hashMac.ts';
import { saltedId } from '../production/saltedId.ts';
import { readTextFile } from '../production/textFile.ts';
import { reasonOf } from '../production/thrown.ts';
import { Misconfigured } from './settings.ts';

type Settings = Pick<Config, 'INFRASTRUCTURE_FILE' | 'PHONE_HASH_SALT' | 'PHONE_HASH_SECRET'>;

const LOOK_EVERY_MS = 10_000;

/** An address, and what sensors that hash it send in its place. */
const writingsOf = ({ PHONE_HASH_SALT: salt, PHONE_HASH_SECRET: secret }: Settings, id: string) =>
  Mac.is(id)
    ? [
        id,
        ...(salt === undefined ? [] : [saltedId(salt)(id)]),
        ...(secret === undefined ? [] : [`hashed:${addressKind(id)}:${hashMac(secret)(id)}`]),
      ]
    : [id];

const withHashes = (settings: Settings, listed: Listed): Listed =>
  new Map(
    [...listed].flatMap(([id, said]) =>
      writingsOf(settings, id).map((written) => [written, said] as const),
    ),
  );

/** The file's text; a file that is not there lists nothing. */
const textOf = (file: string): Promise<string> =>
  readTextFile(file).catch((problem: NodeJS.ErrnoException) => {
    if (problem.code === 'ENOENT') return '';
    throw new Misconfigured([`INFRASTRUCTURE_FILE: ${problem.message}`]);
  });

const read = (settings: Settings, text: string): E.Either<ReadonlyArray<string>, Listed> =>
  E.Functor.map(readInfrastructure(text, settings.INFRASTRUCTURE_FILE), (listed) =>
    withHashes(settings, listed),
  );

/** What the user says of devices. @throws Misconfigured naming file and lines */
export const loadInfrastructure = async (settings: Settings): Promise<Listed> => {
  const listed = read(settings, await textOf(settings.INFRASTRUCTURE_FILE));
  if (E.isLeft(listed)) throw new Misconfigured(listed.left);
  return listed.right;
};

/** The list of the moment, which others hold on to while it changes. */
export interface LiveInfrastructure {
  readonly listed: Listed;
  /** Looks at the file again and again while somebody listens; emits nothing. */
  readonly changes$: Observable<never>;
}

/** A changed file is in use within seconds; one that cannot be read is told and leaves all as it was. */
export const liveInfrastructure = async (
  settings: Settings,
  env: Pick<Env, 'scheduler' | 'log'>,
): Promise<LiveInfrastructure> => {
  const listed = new Map(await loadInfrastructure(settings));
  let known = await textOf(settings.INFRASTRUCTURE_FILE);
  const look = () =>
    defer(() => textOf(settings.INFRASTRUCTURE_FILE)).pipe(
      map((text) => ({ text, news: read(settings, text) })),
      catchError((thrown: unknown) => {
        const problem = reasonOf(thrown);
        return of({ text: `unreadable: ${problem}`, news: E.left([problem]) });
      }),
    );
  const use = (news: E.Either<ReadonlyArray<string>, Listed>): void => {
    const file = settings.INFRASTRUCTURE_FILE;
    if (E.isLeft(news)) {
      env.log({ level: 'warn', event: 'infrastructure not read', problems: news.left });
      return;
    }
    listed.clear();
    for (const [id, said] of news.right) listed.set(id, said);
    env.log({ level: 'info', event: 'infrastructure read', file, ids: listed.size });
  };
  const changes$ = timer(LOOK_EVERY_MS, LOOK_EVERY_MS, env.scheduler).pipe(
    concatMap(look),
    filter(({ text }) => text !== known),
    tap(({ text, news }) => {
      known = text;
      use(news);
    }),
    ignoreElements(),
  );
  return { listed, changes$ };
};
