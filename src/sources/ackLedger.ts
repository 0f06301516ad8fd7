import type { MqttClient } from 'mqtt';
import { asapScheduler } from 'rxjs';
import type { Acknowledge } from '../model/received.ts';

/**
 * How much may be received and not yet safe: beyond it the broker has to hold back. It is also what
 * the broker may deliver again after a kill, so that much has to be known then.
 */
export interface AckBound {
  readonly messages: number;
  readonly bytes: number;
  /** How long a message without room holds up what comes behind it, ms; then it is left to the broker. */
  readonly patienceMs: number;
}

export const ACK_BOUND: AckBound = {
  messages: 50_000,
  bytes: 16_000_000,
  // Less than the keepalive: no answer to a ping is read meanwhile.
  patienceMs: 10_000,
};

/** One message that is under way through us; QoS 0 has no id and needs no word. */
interface Owed {
  readonly messageId?: number;
  readonly bytes: number;
  settled: boolean;
}

const PUBACK = 0x40;

/**
 * PUBACK packets in one piece. With reason "success" MQTT 5 leaves reason and properties out: both
 * protocols write the same four bytes.
 */
const pubacks = (messageIds: ReadonlyArray<number>): Buffer => {
  const packets = Buffer.allocUnsafe(messageIds.length * 4);
  messageIds.forEach((id, index) => {
    packets.writeUInt16BE((PUBACK << 8) | 2, index * 4);
    packets.writeUInt16BE(id, index * 4 + 2);
  });
  return packets;
};

/**
 * What one connection's messages owe the broker. Acknowledgements go out in the order in which the
 * messages came, all that are due in one write (mqtt.js would write each by itself, which is most
 * of what QoS 1 costs), and only on the connection that the messages came on.
 */
export const ackLedger = (
  stream: () => Pick<MqttClient['stream'], 'write'> | undefined,
  bound: Omit<AckBound, 'patienceMs'>,
) => {
  let owed: Owed[] = [];
  let first = 0;
  let bytes = 0;
  let isDue = false;
  let onEmpty: (() => void) | undefined;
  let onPaid: (() => void) | undefined;

  const size = (): number => owed.length - first;
  const takeSettled = (): number[] => {
    const ids: number[] = [];
    for (let next = owed[first]; next?.settled; next = owed[first]) {
      if (next.messageId !== undefined) ids.push(next.messageId);
      bytes -= next.bytes;
      first += 1;
    }
    if (first === owed.length) {
      owed = [];
      first = 0;
    } else if (first > 10_000) {
      owed = owed.slice(first);
      first = 0;
    }
    return ids;
  };
  const pay = (): void => {
    isDue = false;
    const ids = takeSettled();
    if (ids.length > 0) stream()?.write(pubacks(ids));
    if (size() === 0) onEmpty?.();
    onPaid?.();
  };
  const fits = (payloadBytes: number): boolean =>
    size() < bound.messages && (bytes + payloadBytes <= bound.bytes || size() === 0);

  return {
    /** Undefined where there is no room. */
    take: (messageId: number | undefined, payloadBytes: number): Acknowledge | undefined => {
      if (!fits(payloadBytes)) return undefined;
      const one: Owed = {
        ...(messageId !== undefined && { messageId }),
        bytes: payloadBytes,
        settled: false,
      };
      owed.push(one);
      bytes += payloadBytes;
      return () => {
        if (one.settled) return;
        one.settled = true;
        if (isDue) return;
        isDue = true;
        asapScheduler.schedule(pay);
      };
    },
    /** Calls back when there is room again, each time that something was paid until told to stop. */
    whenRoom: (payloadBytes: number, call: () => void): (() => void) => {
      onPaid = () => {
        if (fits(payloadBytes)) call();
      };
      return () => {
        onPaid = undefined;
      };
    },
    /** Calls back when nothing is owed any more, at once where nothing is. */
    whenEmpty: (call: () => void): void => {
      if (size() === 0) call();
      else
        onEmpty = () => {
          onEmpty = undefined;
          call();
        };
    },
  };
};
export type AckLedger = ReturnType<typeof ackLedger>;
