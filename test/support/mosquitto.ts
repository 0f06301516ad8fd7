import { type ChildProcess, spawn } from 'node:child_process';
import { pbkdf2Sync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { inRepository } from './cli.ts';

/** A mosquitto of the test's own, on loopback, with a persistence file that survives `stop`. */
export interface Mosquitto {
  readonly url: string;
  readonly pid: () => number;
  /** SIGTERM: it writes its persistence file and ends. */
  readonly stop: () => Promise<void>;
  /** SIGKILL: it writes nothing more. */
  readonly kill: () => Promise<void>;
  /** Again on the same port with the same persistence file. */
  readonly start: () => Promise<void>;
  /** Stops it and removes its directory. */
  readonly remove: () => Promise<void>;
}

export const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
};

export const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });

const launch = async (configFile: string, port: number): Promise<ChildProcess> => {
  const child = spawn('/usr/sbin/mosquitto', ['-c', configFile], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let complaint = '';
  child.stderr?.on('data', (text) => {
    complaint += text;
  });
  let missing = false;
  child.once('error', () => {
    missing = true;
  });
  for (let tries = 0; tries < 200; tries++) {
    if (missing) throw new Error('there is no /usr/sbin/mosquitto: apt-get install mosquitto');
    if (child.exitCode !== null) throw new Error(`mosquitto ended at once: ${complaint}`);
    if (await answers(port)) return child;
    await sleep(25);
  }
  child.kill('SIGKILL');
  throw new Error(`mosquitto does not listen after 5 s: ${complaint}`);
};

interface Launched {
  readonly directory: string;
  readonly file: string;
  readonly port: number;
}

/** Runs it until `remove`; `port` is where it answers once it is up. */
const supervise = async ({ directory, file, port }: Launched): Promise<Mosquitto> => {
  let child = await launch(file, port);
  const end = async (signal: 'SIGTERM' | 'SIGKILL') => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  };
  return {
    url: `mqtt://127.0.0.1:${port}`,
    pid: () => child.pid ?? 0,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    start: async () => {
      child = await launch(file, port);
    },
    remove: async () => {
      await end('SIGTERM');
      rmSync(directory, { recursive: true, force: true });
    },
  };
};

/** @param config further lines of mosquitto.conf, e.g. `autosave_interval 1` */
export const startMosquitto = async (config = 'allow_anonymous true'): Promise<Mosquitto> => {
  const directory = mkdtempSync(join(tmpdir(), 'mosquitto-'));
  const port = await freePort();
  const file = join(directory, 'mosquitto.conf');
  // As root mosquitto would become the user "mosquitto", who may not write here.
  const lines = [
    `listener ${port} 127.0.0.1`,
    'persistence true',
    `persistence_location ${directory}/`,
    'user root',
    config,
    '',
  ];
  writeFileSync(file, lines.join('\n'));
  return supervise({ directory, file, port });
};

/** mosquitto with the configuration that ships, but for ports and paths. */
export interface ShippedMosquitto extends Mosquitto {
  /** The listener that demands a certificate. */
  readonly tlsUrl: string;
  /** For the user "pipeline" on the loopback listener. */
  readonly password: string;
  /** Its persistence file. */
  readonly databaseFile: string;
  readonly log: () => string;
}

export const PASSWORD = 'correct horse';

/** As mosquitto_passwd writes them: PBKDF2-HMAC-SHA-512, 101 rounds. */
export const passwordLine = (user: string, password: string): string => {
  const salt = randomBytes(12);
  const hash = pbkdf2Sync(password, salt, 101, 64, 'sha512');
  return `${user}:$7$101$${salt.toString('base64')}$${hash.toString('base64')}\n`;
};

/**
 * @param certificates a folder as `npm run certificates` fills it
 * @param change of the two files, by text
 */
export const startShippedMosquitto = async (
  certificates: string,
  change: (text: string) => string = (text) => text,
): Promise<ShippedMosquitto> => {
  const directory = mkdtempSync(join(tmpdir(), 'mosquitto-'));
  const at = (name: string) => join(directory, name);
  const [port, tlsPort] = [await freePort(), await freePort()];
  const shipped = (name: string) => readFileSync(inRepository(`mosquitto/${name}`), 'utf8');
  writeFileSync(at('passwd'), passwordLine('pipeline', PASSWORD), { mode: 0o600 });
  writeFileSync(at('acl'), change(shipped('acl')), { mode: 0o600 });
  const config = change(shipped('mosquitto.conf'))
    .replace('listener 1883 127.0.0.1', `listener ${port} 127.0.0.1`)
    .replace('listener 8883', `listener ${tlsPort} 127.0.0.1`)
    .replace('/var/lib/mosquitto/', `${directory}/`)
    .replace('log_dest syslog', `log_dest file ${at('log')}`)
    .replaceAll('/etc/mosquitto/certs/', `${certificates}/`)
    .replaceAll('/etc/mosquitto/', `${directory}/`);
  const file = at('mosquitto.conf');
  writeFileSync(file, `user root\n${config}`);
  return {
    ...(await supervise({ directory, file, port })),
    tlsUrl: `mqtts://127.0.0.1:${tlsPort}`,
    password: PASSWORD,
    databaseFile: at('mosquitto.db'),
    log: () => (existsSync(at('log')) ? readFileSync(at('log'), 'utf8') : ''),
  };
};
