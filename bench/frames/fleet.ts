/**
 * A shop's sensors that publish every 802.11 frame: a child process of frames.ts, at QoS 0. Each of the eight
 * has a connection of its own and writes PUBLISH packets (MQTT 3.1.1) itself: a client library would
 * take more of the machine than what is measured.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export const SENSORS = ['pi5', 'pi7', 'pi8', 'pi9', 'pi10', 'pi11', 'pi12', 'pi13'] as const;
const TOPIC = Buffer.from('neuralsense/rssi');
const TICK_MS = 20;
/** Share of the addresses that stay; they send half of all frames, the first ones most of them. */
const STAYING = 0.2;

export interface Load {
  readonly port: number;
  /** Messages a second, all sensors together. */
  readonly rate: number;
  readonly seconds: number;
  /** Addresses at a time. */
  readonly phones: number;
  /** New randomised addresses a second. */
  readonly churn: number;
}

const byte = (value: number): string => (value & 255).toString(16).padStart(2, '0');

/** A fixed address is globally administered, a randomised one is not; neither is a group's. */
const addressOf = (first: string, n: number): string =>
  `${first}:76:${byte(n >> 24)}:${byte(n >> 16)}:${byte(n >> 8)}:${byte(n)}`;

/** Whose frame the nth one is: of those that stay, or of those that are there `sinceS` for a while. */
const phoneOf = (n: number, sinceS: number, { phones, churn }: Load): string => {
  const staying = Math.max(1, Math.floor(phones * STAYING));
  const chance = ((n * 2654435761) >>> 0) / 2 ** 32;
  if (n % 2 === 0) return addressOf('a8', Math.floor(staying * chance ** 3));
  const passing = Math.max(1, phones - staying);
  return addressOf('da', Math.floor(sinceS * churn) + Math.floor(passing * chance));
};

const packet = (n: number, load: Load, beganMs: number): Buffer => {
  const now = Date.now();
  const sensor = SENSORS[(n * 7) % SENSORS.length];
  const payload = Buffer.from(
    JSON.stringify({
      // Told apart by microseconds, as Python writes them.
      ts: (now * 1000 + (n % 1000)) / 1e6,
      rpi_id: sensor,
      mac: phoneOf(n, (now - beganMs) / 1000, load),
      rssi: -30 - (((n * 48271) >>> 3) % 60),
    }),
  );
  const length = 2 + TOPIC.length + payload.length;
  const head = [0x30, (length & 127) | 128, length >> 7, 0, TOPIC.length];
  return Buffer.concat([Buffer.from(head), TOPIC, payload]);
};

const join = async (port: number, name: string): Promise<Socket> => {
  const socket = connect(port, '127.0.0.1');
  socket.setNoDelay(false);
  await once(socket, 'connect');
  const id = Buffer.from(name);
  const protocol = [0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 2, 0, 0, 0, id.length];
  socket.write(Buffer.concat([Buffer.from([0x10, protocol.length + id.length, ...protocol]), id]));
  await once(socket, 'data');
  socket.resume();
  return socket;
};

/** Publishes as told; returns how many messages the broker was given. */
const publish = async (load: Load): Promise<number> => {
  const sockets = await Promise.all(SENSORS.map((name) => join(load.port, `sensor-${name}`)));
  const beganMs = Date.now();
  let sent = 0;
  for (let elapsed = 0; elapsed < load.seconds; elapsed = (Date.now() - beganMs) / 1000) {
    const due = Math.floor(Math.min(elapsed, load.seconds) * load.rate);
    const batches: Buffer[][] = sockets.map(() => []);
    for (; sent < due; sent += 1)
      batches[(sent * 7) % SENSORS.length]?.push(packet(sent, load, beganMs));
    sockets.forEach((socket, at) => {
      if (batches[at]?.length) socket.write(Buffer.concat(batches[at]));
    });
    process.send?.({ sent });
    await Promise.all(sockets.map((one) => one.writableNeedDrain && once(one, 'drain')));
    await sleep(TICK_MS);
  }
  const ended = sockets.map((socket) => once(socket, 'close'));
  for (const socket of sockets) socket.end(Buffer.from([0xe0, 0]));
  await Promise.all(ended);
  return sent;
};

if (process.argv[2] === 'publish') {
  const sent = await publish(JSON.parse(process.argv[3] ?? '{}'));
  process.send?.({ sent, isDone: true });
  process.disconnect?.();
}
