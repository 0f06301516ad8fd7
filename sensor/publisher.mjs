// @ts-check
import mqtt from 'mqtt';

/** @typedef {ReturnType<typeof import('./settings.mjs').readSettings>} Settings */
/** @typedef {ReturnType<typeof import('./queue.mjs').openQueue>} Queue */

/** What is sent later than this after it was heard says so. */
const LATE_SECONDS = 60;
const GOODBYE_MS = 3_000;
const RETAINED = /** @type {const} */ ({ qos: 1, retain: true });

const now = () => Date.now() / 1000;
const say = (/** @type {string} */ text) => process.stderr.write(`${text}\n`);
const sleep = (/** @type {number} */ ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** @param {Settings} settings @param {string} statusTopic */
const connect = ({ url, sensorId, access }, statusTopic) =>
  mqtt.connect(url, {
    ...access,
    clientId: `neuralsense-sensor-${sensorId}`,
    keepalive: 15,
    reconnectPeriod: 2_000,
    will: { topic: statusTopic, payload: Buffer.from('{"state":"offline"}'), ...RETAINED },
  });

/**
 * Sends what waits in the queue at QoS 1, one message at a time: it leaves the queue when the broker
 * has it. Says online, retained, at once and at each heartbeat; the broker says offline in its stead.
 *
 * @param {Settings} settings
 * @param {Queue} queue
 */
export const openPublisher = (settings, queue) => {
  const statusTopic = `neuralsense/sensors/${settings.sensorId}/status`;
  const client = connect(settings, statusTopic);
  let isSending = false;
  let heard = 0;

  /** @param {'online' | 'offline'} state */
  const sayState = (state) => {
    const counts = { heard, queued: queue.waiting(), dropped: queue.dropped() };
    client.publish(statusTopic, JSON.stringify({ state, ts: now(), ...counts }), RETAINED);
  };
  const send = () => {
    const batch = isSending || !client.connected ? undefined : queue.head();
    if (batch === undefined) return;
    const late = now() - LATE_SECONDS;
    const marked = batch.map((one) => (one.ts < late ? { ...one, queued: true } : one));
    isSending = true;
    client.publish(settings.topic, JSON.stringify(marked), { qos: 1 }, (problem) => {
      isSending = false;
      if (problem) say(`mqtt: ${problem.message}`);
      else {
        queue.done();
        send();
      }
    });
  };
  client.on('error', (problem) => say(`mqtt: ${problem.message}`));
  client.on('offline', () => say('mqtt: no connection, readings wait'));
  client.on('connect', () => {
    sayState('online');
    send();
  });
  const heartbeat = setInterval(() => client.connected && sayState('online'), settings.heartbeatMs);

  return {
    /** @param {Parameters<Queue['add']>[0]} readings */
    publish: (readings) => {
      heard += readings.length;
      queue.add(readings);
      send();
    },
    /** What can be sent at once is sent; the rest goes to disk. */
    close: async () => {
      clearInterval(heartbeat);
      const until = Date.now() + GOODBYE_MS;
      while (client.connected && queue.waiting() > 0 && Date.now() < until) await sleep(20);
      queue.close();
      if (client.connected) sayState('offline');
      await Promise.race([client.endAsync(!client.connected), sleep(GOODBYE_MS)]);
    },
  };
};
