import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Pool, type PoolClient } from 'pg';
import { applyMigrations, type RunScript } from '../../src/embedded/database/migrate.ts';
import { type Edition, programsOf } from './postgresPrograms.ts';

/** A PostgreSQL server of the caller's own, on loopback. */
export interface Postgres {
  /** The database of this name, empty if it is new; ends with the server. */
  readonly createDatabase: (name: string) => Promise<Database>;
  /** All its processes end at once, as after a power cut that the disk survived. */
  readonly crash: () => Promise<void>;
  /** Again on the same port with what was committed. */
  readonly restart: () => Promise<void>;
  readonly remove: () => Promise<void>;
}

export interface Database {
  readonly url: string;
  readonly pool: Pool;
  readonly run: RunScript;
}

/** The server refuses to be root; Debian's package brings the user postgres. */
const unprivileged = (program: string, args: ReadonlyArray<string>): void => {
  const isRoot = process.getuid?.() === 0;
  const [command, ...rest] = isRoot
    ? ['runuser', '-u', 'postgres', '--', program, ...args]
    : [program, ...args];
  const { status, error, stderr } = spawnSync(command ?? program, rest, {
    cwd: tmpdir(),
    encoding: 'utf8',
    // pg_ctl's server keeps whatever it inherits open: a pipe would never end.
    stdio: ['ignore', 'ignore', program.endsWith('pg_ctl') ? 'ignore' : 'pipe'],
  });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${error?.message ?? stderr}`);
};

/** SQLSTATE of a database that exists. */
const ALREADY_THERE = '42P04';

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });

const makeDirectory = (): string => {
  const directory = mkdtempSync(join(tmpdir(), 'postgres-'));
  if (process.getuid?.() === 0) spawnSync('chown', ['postgres', directory]);
  return directory;
};

/** Nothing here survives a power cut; `isDurable` is for who kills the server's processes. */
const settingsOf = (directory: string, port: number, isDurable: boolean): ReadonlyArray<string> => [
  `port=${port}`,
  'listen_addresses=127.0.0.1',
  `unix_socket_directories=${directory}`,
  'fsync=off',
  `synchronous_commit=${isDurable ? 'on' : 'off'}`,
  'full_page_writes=off',
  'max_wal_size=4GB',
  'deadlock_timeout=100ms',
];

const initialise = (programs: string, directory: string): void =>
  unprivileged(join(programs, 'initdb'), [
    ...['-D', join(directory, 'data'), '-U', 'postgres', '-A', 'trust'],
    ...['-E', 'UTF8', '--locale=C.UTF-8', '--no-sync'],
  ]);

const start = (programs: string, directory: string, settings: ReadonlyArray<string>): void => {
  const data = join(directory, 'data');
  const log = join(directory, 'log');
  try {
    const options = settings.map((setting) => `-c ${setting}`).join(' ');
    unprivileged(join(programs, 'pg_ctl'), ['-D', data, '-l', log, '-o', options, '-w', 'start']);
  } catch (cause) {
    throw new Error(`PostgreSQL does not start: ${readFileSync(log, 'utf8')}`, { cause });
  }
};

/** node-postgres as a {@link RunScript}; every script goes over the one connection. */
const onConnection =
  (client: Client | PoolClient | Pool): RunScript =>
  async (script) => {
    const results = await client.query(script);
    return (Array.isArray(results) ? results.at(-1) : results)?.rows ?? [];
  };

/** Every script gets a connection of its own, so transactions must begin and end within one. */
const connect = (url: string): Database => {
  const pool = new Pool({ connectionString: url, max: 16 });
  // An idle connection may be cut by a server that crashes.
  pool.on('error', () => undefined);
  return { url, pool, run: onConnection(pool) };
};

const stopAtOnce = (programs: string, directory: string): void =>
  unprivileged(join(programs, 'pg_ctl'), [
    ...['-D', join(directory, 'data'), '-m', 'immediate', '-w', 'stop'],
  ]);

const createDatabase = async (server: string, name: string): Promise<Database> => {
  const client = new Client({ connectionString: `${server}/postgres` });
  await client.connect();
  await client.query(`create database "${name}"`).catch((error) => {
    if (error.code !== ALREADY_THERE) throw error;
  });
  await client.end();
  return connect(`${server}/${name}`);
};

/**
 * @param options `isDurable`: what was committed survives `crash`; off where only speed counts
 * @throws a message that says what to install where there is no PostgreSQL
 */
export const startPostgres = async ({
  isDurable = false,
  edition = 'debian' as Edition,
} = {}): Promise<Postgres> => {
  const directory = makeDirectory();
  const databases: Database[] = [];
  const port = await freePort();
  const settings = settingsOf(directory, port, isDurable);
  let programs: string;
  try {
    programs = programsOf(edition, directory);
    initialise(programs, directory);
    start(programs, directory, settings);
  } catch (error) {
    rmSync(directory, { recursive: true, force: true });
    throw error;
  }
  return {
    createDatabase: async (name) => {
      const database = await createDatabase(`postgres://postgres@127.0.0.1:${port}`, name);
      databases.push(database);
      return database;
    },
    crash: async () => stopAtOnce(programs, directory),
    restart: async () => start(programs, directory, settings),
    remove: async () => {
      for (const { pool } of databases) await pool.end();
      stopAtOnce(programs, directory);
      rmSync(directory, { recursive: true, force: true });
    },
  };
};

/** The databases of a server that somebody else started, by its address without a database. */
export const attachPostgres = (server: string): Pick<Postgres, 'createDatabase'> => ({
  createDatabase: (name) => createDatabase(server, name),
});

/** Over one connection: migrations are transactions that span several scripts. */
export const migrate = async ({ pool }: Database): ReturnType<typeof applyMigrations> => {
  const client = await pool.connect();
  try {
    return await applyMigrations(onConnection(client));
  } finally {
    client.release();
  }
};
