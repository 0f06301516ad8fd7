import type { MqttClient } from 'mqtt';
import { type Subscriber, Subscription } from 'rxjs';
import type { Message } from '../model/message.ts';
import type { Acknowledge } from '../model/received.ts';
import type { AckLedger } from './ackLedger.ts';
import type { ConnectionEnd } from './mqttConnectionEnd.ts';
import { type MqttPorts, unixSeconds } from './mqttOptions.ts';

export type Fail = (end: ConnectionEnd) => void;

const NO_ROOM: ConnectionEnd = {
  _tag: 'Lost',
  reason: 'more came than could be saved: asking for the rest again',
  lastedMs: 0,
};

/** mqtt.js parses on after an error and sends no PUBACK: that is the ledger's. */
const UNACKNOWLEDGED = new Error('acknowledged when it is safe');

/**
 * Waits for room while the connection stands still: what comes behind fills the socket, and the broker
 * holds back. Goes on when there is some, when it takes too long, or when nobody listens any more.
 */
const awaitRoom = (
  bytes: number,
  patienceMs: number,
  ledger: AckLedger,
  subscriber: Subscriber<Message>,
  { scheduler }: Pick<MqttPorts, 'scheduler'>,
  goOn: () => void,
): void => {
  const waiting = new Subscription();
  const over = (): void => waiting.unsubscribe();
  waiting.add(ledger.whenRoom(bytes, over));
  waiting.add(scheduler.schedule(over, patienceMs));
  waiting.add(goOn);
  subscriber.add(waiting);
};

/**
 * Emits while somebody listens. What finds no room for long, or nobody, stays unacknowledged, so that
 * the broker delivers it to the next connection; the want of room asks for one as soon as there is some.
 * At QoS 0, which nobody delivers again, it is dropped, and then all that comes before there is room.
 */
export const listen = (
  client: MqttClient,
  subscriber: Subscriber<Message>,
  takesWord: (topic: string, payload: Buffer) => boolean,
  isBacklog: () => boolean,
  ledger: AckLedger,
  patienceMs: number,
  ports: MqttPorts,
  fail: Fail,
): void => {
  let refusing = false;
  /** A message at QoS 0 has waited in vain. */
  let hopeless = false;
  const refuse = (isKept: boolean): void => {
    if (!isKept) ports.dropped?.();
    if (!isKept || refusing) return;
    refusing = true;
    ledger.whenEmpty(() => fail(NO_ROOM));
  };
  client.handleMessage = ({ topic, payload, qos, messageId, retain }, done) => {
    const isKept = qos > 0;
    const proceed = (): void => (isKept ? done(UNACKNOWLEDGED) : done());
    const bytes = typeof payload === 'string' ? Buffer.from(payload) : payload;
    // After one refusal all: what comes later would overtake what is delivered again, and at QoS 0 it
    // would keep the ledger from ever being empty.
    const take = (): Acknowledge | undefined => {
      const taken = refusing ? undefined : ledger.take(messageId, bytes.length);
      if (taken !== undefined) hopeless = false;
      return taken;
    };
    const handOn = (acknowledge: Acknowledge | undefined): void => {
      if (acknowledge === undefined) refuse(isKept);
      else if (takesWord(topic, bytes)) acknowledge();
      else {
        const receivedAt = unixSeconds(ports);
        const message = { topic, payload: bytes, receivedAt, isRetained: retain };
        subscriber.next({ ...message, isBacklog: isBacklog(), acknowledge });
      }
      proceed();
    };
    if (subscriber.closed) return proceed();
    const acknowledge = take();
    if (acknowledge !== undefined || refusing || (hopeless && !isKept)) return handOn(acknowledge);
    awaitRoom(bytes.length, patienceMs, ledger, subscriber, ports, () => {
      if (subscriber.closed) return proceed();
      const late = take();
      hopeless = late === undefined && !isKept;
      handOn(late);
    });
  };
};
