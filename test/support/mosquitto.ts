import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A mosquitto of the test's own, on loopback, with a persistence file that survives `stop`. */
export interface Mosquitto {
  readonly url: string;
  /** SIGTERM: it writes its persistence file and ends. */
  readonly stop: () => Promise<void>;
  /** SIGKILL: it writes nothing more. */
  readonly kill: () => Promise<void>;
  /** Again on the same port with the same persistence file. */
  readonly start: () => Promise<void>;
  /** Stops it and removes its directory. */
  readonly remove: () => Promise<void>;
}

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
};

const answers = (port: number): Promise<boolean> =>
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
  let child = await launch(file, port);
  const end = async (signal: 'SIGTERM' | 'SIGKILL') => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  };
  return {
    url: `mqtt://127.0.0.1:${port}`,
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
