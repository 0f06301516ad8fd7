import { EventEmitter } from 'node:events';
import type { MqttClient } from 'mqtt';
import type { MqttPorts } from '../../src/sources/mqttOptions.ts';
import type { VirtualTime } from './virtualTime.ts';

export interface Held {
  readonly topic: string;
  readonly payload: string;
}

type Suback = (error: Error | null, granted: unknown, packet: { granted: number[] }) => void;

const idsOf = (packets: Buffer): ReadonlyArray<number> =>
  Array.from({ length: packets.length / 4 }, (_, at) => packets.readUInt16BE(at * 4 + 2));

/** One connection of the session; what is written into it after its end is lost. */
class Client extends EventEmitter {
  connected = false;
  readonly wire: Wire;
  readonly underWay = new Map<number, Held>();
  readonly stream = {
    write: (packets: Buffer) => this.wire.carry(this, () => this.wire.acknowledged(this, packets)),
    destroy: () => this.hangUp(),
  };
  handleMessage: (packet: unknown, done: () => void) => void = () => undefined;

  constructor(wire: Wire) {
    super();
    this.wire = wire;
  }
  connect() {
    this.wire.connect(this);
  }
  subscribe(_topics: unknown, _options: unknown, callback: Suback) {
    this.wire.carry(this, () => callback(null, [], { granted: [1] }));
  }
  publish(topic: string, payload: string, _options: unknown, callback: () => void) {
    this.wire.carry(this, () => {
      this.wire.publish({ topic, payload });
      callback();
    });
  }
  end() {
    this.hangUp();
  }
  hangUp() {
    if (!this.connected) return;
    this.connected = false;
    this.wire.gone(this);
    this.emit('close');
  }
}

interface Wire {
  readonly connect: (client: Client) => void;
  /** After the way over the line, if the connection lasts so long. */
  readonly carry: (client: Client, arrive: () => void) => void;
  readonly acknowledged: (client: Client, packets: Buffer) => void;
  readonly publish: (held: Held) => void;
  readonly gone: (client: Client) => void;
}

export interface FakeBroker {
  /** Takes a message for the session. */
  readonly publish: (held: Held) => void;
  /** How a process connects; one that is dead hears nothing. */
  readonly connectFor: (isAlive: () => boolean) => MqttPorts['connect'];
  /** The connection ends; the client learns of it only after so long. */
  readonly cut: (unnoticedMs: number) => void;
  readonly listen: (isUp: boolean) => void;
  /** What was acknowledged last is delivered again with what was not. */
  readonly forget: (acknowledgements: number) => void;
  /** What is not acknowledged, oldest first. */
  readonly held: () => ReadonlyArray<Held>;
}

const LINE_MS = 5;

/** A broker that keeps one session: at least once and in order, so many at a time. */
export const fakeBroker = (
  time: VirtualTime,
  mostUnderWay: number,
  acknowledged: (held: Held) => void,
): FakeBroker => {
  let held: Held[] = [];
  let done: Held[] = [];
  let current: Client | undefined;
  let isUp = true;
  let messageId = 0;

  const pump = (): void => {
    const client = current;
    if (client === undefined) return;
    const sent = new Set(client.underWay.values());
    for (const message of held) {
      if (client.underWay.size >= mostUnderWay) return;
      if (sent.has(message)) continue;
      messageId = (messageId % 65_535) + 1;
      const packet = { ...message, payload: Buffer.from(message.payload), qos: 1, messageId };
      client.underWay.set(messageId, message);
      wire.carry(client, () => client.handleMessage(packet, () => undefined));
    }
  };
  const publish = (message: Held): void => {
    held.push(message);
    pump();
  };
  const wire: Wire = {
    publish,
    carry: (client, arrive) =>
      time.settle(LINE_MS, () => {
        if (current === client) arrive();
      }),
    connect: (client) =>
      time.after(LINE_MS, () => {
        if (!isUp) {
          client.emit('error', Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }));
          return;
        }
        current = client;
        client.connected = true;
        client.emit('connect', { sessionPresent: true });
        pump();
      }),
    acknowledged: (client, packets) => {
      for (const id of idsOf(packets)) {
        const message = client.underWay.get(id);
        if (message === undefined) continue;
        client.underWay.delete(id);
        held = held.filter((one) => one !== message);
        done.push(message);
        acknowledged(message);
      }
      pump();
    },
    gone: (client) => {
      if (current === client) current = undefined;
    },
  };
  const cut = (unnoticedMs: number): void => {
    const client = current;
    current = undefined;
    if (client) time.after(unnoticedMs, () => client.hangUp());
  };
  return {
    publish,
    connectFor: (isAlive) => () => {
      const client = new Client({
        ...wire,
        connect: (one) => wire.connect(one),
        carry: (one, arrive) => wire.carry(one, () => isAlive() && arrive()),
      });
      const { emit } = client;
      client.emit = (event, ...details) => isAlive() && emit.call(client, event, ...details);
      return client as unknown as MqttClient;
    },
    cut,
    listen: (up) => {
      isUp = up;
      if (!up) cut(0);
    },
    forget: (acknowledgements) => {
      cut(0);
      held = [...done.slice(-acknowledgements), ...held];
      done = done.slice(0, -acknowledgements);
    },
    held: () => held,
  };
};
