import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '../integration/embedded/eventually.ts';
import { answers, freePort, PASSWORD, passwordLine, startMosquitto } from './mosquitto.ts';

export interface WebSocketBroker {
  readonly url: string;
  readonly close: () => Promise<void>;
}

/** The only name and password that it takes. */
export const WEB_SOCKET_USER = { username: 'pipeline', password: PASSWORD } as const;

/**
 * mosquitto with MQTT over WebSocket; by TLS, and only for who has a certificate, where a folder as
 * `npm run certificates` fills it is given. Its 2.0.11 starts only where there is an ordinary listener
 * too, and without `socket_domain` it would listen on every address.
 */
export const startWebSocketMosquitto = async (certificates?: string): Promise<WebSocketBroker> => {
  const directory = mkdtempSync(join(tmpdir(), 'mosquitto-'));
  const passwords = join(directory, 'passwd');
  writeFileSync(passwords, passwordLine(WEB_SOCKET_USER.username, PASSWORD), { mode: 0o600 });
  const port = await freePort();
  const tls = (folder: string): ReadonlyArray<string> => [
    `cafile ${folder}/ca.pem`,
    `certfile ${folder}/server.pem`,
    `keyfile ${folder}/server.key`,
    'require_certificate true',
  ];
  const broker = await startMosquitto(
    [
      'allow_anonymous false',
      `password_file ${passwords}`,
      `listener ${port} 127.0.0.1`,
      'socket_domain ipv4',
      'protocol websockets',
      ...(certificates === undefined ? [] : tls(certificates)),
    ].join('\n'),
  );
  await eventually('the WebSocket listener', async () => (await answers(port)) || undefined);
  return {
    url: `${certificates === undefined ? 'ws' : 'wss'}://127.0.0.1:${port}/mqtt`,
    close: async () => {
      await broker.remove();
      rmSync(directory, { recursive: true, force: true });
    },
  };
};
