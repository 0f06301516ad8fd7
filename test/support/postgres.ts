import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Pool, type PoolClient } from 'pg';
import { applyMigrations, type RunScript } from '../../src/embedded/database/migrate.ts';

/** A PostgreSQL server of the caller's own, on loopback. */
export interface Postgres {
  /** A new, empty database; ends with the server. */
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

const DEBIAN = '/usr/lib/postgresql';
const ABSENT = `there is no PostgreSQL server in ${DEBIAN}: apt-get install postgresql`;

/** Where the newest installed server's programs are. */
const binaries = (): string => {
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

const initialise = (directory: string): void =>
  unprivileged(join(binaries(), 'initdb'), [
    ...['-D', join(directory, 'data'), '-U', 'postgres', '-A', 'trust'],
    ...['-E', 'UTF8', '--locale=C.UTF-8', '--no-sync'],
  ]);

const start = (directory: string, settings: ReadonlyArray<string>): void => {
  const data = join(directory, 'data');
  const log = join(directory, 'log');
  try {
    const options = settings.map((setting) => `-c ${setting}`).join(' ');
    unprivileged(join(binaries(), 'pg_ctl'), ['-D', data, '-l', log, '-o', options, '-w', 'start']);
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

const stopAtOnce = (directory: string): void =>
  unprivileged(join(binaries(), 'pg_ctl'), [
    ...['-D', join(directory, 'data'), '-m', 'immediate', '-w', 'stop'],
  ]);

/**
 * @param options `isDurable`: what was committed survives `crash`; off where only speed counts
 * @throws a message that says what to install where there is no PostgreSQL
 */
export const startPostgres = async ({ isDurable = false } = {}): Promise<Postgres> => {
  const directory = makeDirectory();
  const databases: Database[] = [];
  const port = await freePort();
  const url = (name: string) => `postgres://postgres@127.0.0.1:${port}/${name}`;
  const settings = settingsOf(directory, port, isDurable);
  try {
    initialise(directory);
    start(directory, settings);
  } catch (error) {
    rmSync(directory, { recursive: true, force: true });
    throw error;
  }
  return {
    createDatabase: async (name) => {
      const client = new Client({ connectionString: url('postgres') });
      await client.connect();
      await client.query(`create database "${name}"`);
      await client.end();
      const database = connect(url(name));
      databases.push(database);
      return database;
    },
    crash: async () => stopAtOnce(directory),
    restart: async () => start(directory, settings),
    remove: async () => {
      for (const { pool } of databases) await pool.end();
      stopAtOnce(directory);
      rmSync(directory, { recursive: true, force: true });
    },
  };
};

/** Over one connection: migrations are transactions that span several scripts. */
export const migrate = async ({ pool }: Database): ReturnType<typeof applyMigrations> => {
  const client = await pool.connect();
  try {
    return await applyMigrations(onConnection(client));
  } finally {
    client.release();
  }
};
