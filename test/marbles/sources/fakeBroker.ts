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
  m: (client) => client.deliver(),
  /** No listener, bad credentials, a rival with our client id, a plain hang-up. */
  n: (client) => client.fail(Object.assign(new Error(), { code: 'ECONNREFUSED' })),
  b: (client) => client.fail(Object.assign(new Error('Connection refused'), { code: 4 })),
  t: (client) => client.emit('disconnect', { reasonCode: 142 }),
  x: (client) => client.hangUp(),
};

type Suback = (error: Error | null, granted: unknown, packet: { granted: number[] }) => void;

/** The part of mqtt.js's client that the source uses, played from a marble string. */
export class FakeClient extends EventEmitter {
  connected = false;
  readonly published: unknown[] = [];
  readonly acknowledged: boolean[] = [];
  readonly ended: string[] = [];
  readonly stream = { destroy: () => this.hangUp() };
  handleMessage: (packet: unknown, done: (error?: Error) => void) => void = () => undefined;
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
  deliver() {
    const reading = { sensor_id: 'pi5', phone_id: 'a8:76:50:e9:28:20', rssi: -61, ts: 1 };
    const payload = Buffer.from(JSON.stringify(reading));
    this.handleMessage({ topic: 'neuralsense/rssi', payload }, (error) =>
      this.acknowledged.push(error === undefined),
    );
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
