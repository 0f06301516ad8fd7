/**
 * Writes supabase/functions/_shared/database.types.ts from the migrations, with the Supabase CLI and
 * without Docker: the CLI asks a PGlite over a socket. Run `npm run types` after a migration; a test
 * says when it was forgotten. The CLI is 135 MB, so it is no dependency: npx fetches it here only.
 */
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { promisify } from 'node:util';
import { PGlite } from '@electric-sql/pglite';
import { applyMigrations, onPglite } from '../src/embedded/database/migrate.ts';
import { describeSchema, sealTypes, TYPES_FILE } from './types-seal.ts';

const CLI = 'supabase@3.1.0';
const SSL_REQUEST = 80_877_103;
const TERMINATE = 'X'.charCodeAt(0);

/** Length of the first message of the wire protocol; only the first of a connection has no type. */
const messageLength = (data: Buffer, isFirst: boolean): number => {
  const header = isFirst ? 4 : 5;
  return data.length < header
    ? Number.POSITIVE_INFINITY
    : data.readInt32BE(header - 4) + header - 4;
};

/** Postgres' wire protocol between one client at a time and a PGlite. */
const serve = (db: PGlite, socket: Socket): void => {
  let pending = Buffer.alloc(0);
  let isStarted = false;
  let turn: Promise<void> = Promise.resolve();
  const answer = async (message: Buffer): Promise<void> => {
    if (message[0] === TERMINATE) return void socket.end();
    socket.write(await db.execProtocolRaw(message));
  };
  socket.on('error', () => socket.destroy());
  socket.on('data', (data) => {
    pending = Buffer.concat([pending, data]);
    for (
      let length = messageLength(pending, !isStarted);
      length <= pending.length;
      length = messageLength(pending, !isStarted)
    ) {
      const message = pending.subarray(0, length);
      pending = pending.subarray(length);
      if (!isStarted && message.readInt32BE(4) === SSL_REQUEST) socket.write('N');
      else {
        isStarted = true;
        turn = turn.then(() => answer(message)).catch((reason) => void socket.destroy(reason));
      }
    }
  });
};

const listen = async (db: PGlite) => {
  const server = createServer((socket) => serve(db, socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return { server, port: typeof address === 'object' && address !== null ? address.port : 0 };
};

const db = new PGlite();
await applyMigrations(onPglite(db));
const description = await describeSchema(onPglite(db));
const { server, port } = await listen(db);
const { stdout } = await promisify(execFile)(
  'npx',
  [
    ...['--yes', CLI, 'gen', 'types', '--lang', 'typescript', '--schema', 'public'],
    `--remote=postgresql://postgres:postgres@127.0.0.1:${port}/postgres?sslmode=disable`,
  ],
  {
    maxBuffer: 10_000_000,
    env: { ...process.env, DO_NOT_TRACK: '1', SUPABASE_TELEMETRY_DISABLED: '1' },
  },
);
server.close();
await db.close();
const format = execFile('npx', ['biome', 'format', `--stdin-file-path=${TYPES_FILE}`]);
format.stdin?.end(stdout.trim());
let types = '';
for await (const part of format.stdout ?? []) types += part;
await writeFile(TYPES_FILE, sealTypes(types, description));
