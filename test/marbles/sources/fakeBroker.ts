import { EventEmitter } from 'node:events';
import type { IClientOptions, MqttClient } from 'mqtt';
import type { TestScheduler } from 'rxjs/testing';

/** What one connection goes through, each letter at its place on the time line. */
const WIRE: Readonly<Record<string, (client: FakeClient) => void>> = {
  /** The broker says yes, with and without a kept session. */
  c: (client) => client.accept(false),
  p: (client) => client.accept(true),
  /** SUBACK granted and refused. */
  s: (client) => client.answer(null, [1]),
  f: (client) => client.answer(new Error('Subscribe error: Not authorized'), [135]),
  m: (client) => client.deliver(1),
  /** A message at QoS 0. */
  o: (client) => client.deliver(0),
  /** No listener, bad credentials, a rival with our client id, a plain hang-up. */
  n: (client) => client.fail(Object.assign(new Error(), { code: 'ECONNREFUSED' })),
  b: (client) => client.fail(Object.assign(new Error('Connection refused'), { code: 4 })),
  t: (client) => client.emit('disconnect', { reasonCode: 142 }),
  x: (client) => client.hangUp(),
};

/** The message ids of concatenated PUBACKs. */
const idsOf = (packets: Buffer): number[] =>
  Array.from({ length: packets.length / 4 }, (_, index) => {
    expect(packets.readUInt16BE(index * 4)).toBe(0x4002);
    return packets.readUInt16BE(index * 4 + 2);
  });

type Suback = (error: Error | null, granted: unknown, packet: { granted: number[] }) => void;

/** The part of mqtt.js's client that the source uses, played from a marble string. */
export class FakeClient extends EventEmitter {
  connected = false;
  readonly published: unknown[] = [];
  /** Message ids of what was written in one go. */
  readonly acknowledged: number[][] = [];
  readonly ended: string[] = [];
  readonly stream = {
    destroy: () => this.hangUp(),
    write: (packets: Buffer) => this.acknowledged.push(idsOf(packets)),
  };
  handleMessage: (packet: unknown, done: (error?: Error) => void) => void = () => undefined;
  #delivered = 0;
  #suback: Suback = () => undefined;
  readonly #wire: () => void;
  readonly #followsGoodbye: boolean;

  constructor(wire: (client: FakeClient) => void, followsGoodbye: boolean) {
    super();
    this.#wire = () => wire(this);
    this.#followsGoodbye = followsGoodbye;
  }
  connect() {
    this.#wire();
  }
  accept(sessionPresent: boolean) {
    this.connected = true;
    this.emit('connect', { sessionPresent });
  }
  subscribe(_topics: string[], _options: unknown, callback: Suback) {
    this.#suback = callback;
  }
  answer(error: Error | null, granted: number[]) {
    this.#suback(error, [], { granted });
  }
  deliver(qos: 0 | 1) {
    this.#delivered += 1;
    const messageId = qos === 1 ? this.#delivered : undefined;
    const reading = { sensor_id: 'pi5', phone_id: 'a8:76:50:e9:28:20', rssi: -61, ts: 1 };
    const payload = Buffer.from(JSON.stringify(reading));
    this.handleMessage({ topic: 'neuralsense/rssi', payload, qos, messageId }, (error) => {
      // As mqtt.js does it, message by message.
      if (qos === 1 && error === undefined) this.acknowledged.push([this.#delivered]);
    });
  }
  publish(topic: string, payload: string, options: unknown, callback: () => void) {
    this.published.push({ topic, ...JSON.parse(payload), options });
    if (this.#followsGoodbye) callback();
  }
  end(force = false) {
    this.ended.push(force ? 'forced' : 'graceful');
    this.hangUp();
  }
  fail(error: Error) {
    this.emit('error', error);
    this.hangUp();
  }
  hangUp() {
    this.connected = false;
    this.emit('close');
  }
}

/** A connect port: the nth connection goes through the nth marble string. */
export const fakeBroker = (
  scheduler: TestScheduler,
  wires: ReadonlyArray<string>,
  followsGoodbye = true,
) => {
  const clients: FakeClient[] = [];
  const asked: IClientOptions[] = [];
  const play = (marbles: string) => (client: FakeClient) => {
    scheduler.createColdObservable(marbles).subscribe((letter) => WIRE[String(letter)]?.(client));
  };
  const connect = (_url: string, options: IClientOptions): MqttClient => {
    const client = new FakeClient(play(wires[clients.length] ?? '-'), followsGoodbye);
    clients.push(client);
    asked.push(options);
    return client as unknown as MqttClient;
  };
  return { connect, clients, asked };
};
