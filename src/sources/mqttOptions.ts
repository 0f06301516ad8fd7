import type { IClientOptions, MqttClient } from 'mqtt';
import type { SchedulerLike } from 'rxjs';
import type { AckBound } from './ackLedger.ts';
import type { Speaker } from './rollCall.ts';
import { lostWord } from './statusWord.ts';

export interface MqttOptions {
  readonly url: string;
  /** Topic filters, subscribed at QoS 1. */
  readonly topics: ReadonlyArray<string>;
  /** Stable: the broker keeps what comes in our absence under this name. */
  readonly clientId: string;
  readonly username?: string;
  readonly password?: string;
  /** 4 is MQTT 3.1.1, 5 is MQTT 5. */
  readonly protocolVersion: 4 | 5;
  /**
   * Where we say, retained, whether we are there: `neuralsense/pipeline/<store>/status`. Left out by
   * a guest: the broker keeps nothing for it, and it says nothing of itself.
   */
  readonly statusTopic?: string;
  readonly keepaliveSeconds: number;
  /** For mqtts:// and wss://; read anew for each connection, so a renewed certificate is taken up. */
  readonly tls?: () => TlsMaterial;
  /** How much may be received and not yet safe; {@link ACK_BOUND} when left out. */
  readonly bound?: AckBound;
}

/** PEM. `ca` vouches for the broker, `cert` and `key` for us. */
export type TlsMaterial = Pick<IClientOptions, 'ca' | 'cert' | 'key'>;

export interface MqttPorts {
  /** `mqtt.connect`; it must not open the connection by itself when told `manualConnect`. */
  readonly connect: (url: string, options: IClientOptions) => MqttClient;
  readonly scheduler: SchedulerLike;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** Unix ms. */
  readonly now: () => number;
  /** There was no room for a message at QoS 0, which nobody delivers again. */
  readonly dropped?: () => void;
}

/** How long an MQTT 5 broker keeps the session of an absent pipeline. */
const SESSION_EXPIRY_SECONDS = 7 * 86_400;
const CONNACK_TIMEOUT_MS = 10_000;
/** MQTT 5: how many messages a broker may have under way to us. */
const RECEIVE_MAXIMUM = 10_000;

export const RETAINED = { qos: 1, retain: true } as const;

/** Credentials may be part of a URL and belong into no log. */
export const withoutCredentials = (url: string): string => url.replace(/\/\/[^/]*@/, '//');

/** How mqtt.js is to open a connection as `speaker`. */
export const clientOptions = (options: MqttOptions, speaker: Speaker): IClientOptions => ({
  clientId: options.clientId,
  ...(options.username === undefined ? {} : { username: options.username }),
  ...(options.password === undefined ? {} : { password: options.password }),
  protocolVersion: options.protocolVersion,
  keepalive: options.keepaliveSeconds,
  ...options.tls?.(),
  clean: options.statusTopic === undefined,
  ...(options.protocolVersion === 5
    ? {
        properties: {
          sessionExpiryInterval: options.statusTopic === undefined ? 0 : SESSION_EXPIRY_SECONDS,
          receiveMaximum: RECEIVE_MAXIMUM,
        },
      }
    : {}),
  // Trying again is the caller's: mqtt.js would do it every second for ever.
  reconnectPeriod: 0,
  connectTimeout: CONNACK_TIMEOUT_MS,
  // A resumed session delivers at once: the handlers must be there before the connection is.
  manualConnect: true,
  ...(options.statusTopic !== undefined && {
    will: {
      topic: options.statusTopic,
      payload: Buffer.from(lostWord(speaker)),
      ...RETAINED,
    },
  }),
});

export const unixSeconds = (ports: MqttPorts): number => ports.now() / 1000;
