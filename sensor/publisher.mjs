// @ts-check
import { connect, isRefusal, RETAINED, refusalText } from './connection.mjs';

/** @typedef {import('./connection.mjs').Settings} Settings */
/** @typedef {ReturnType<typeof import('./queue.mjs').openQueue>} Queue */

/** What is sent later than this after it was heard says so. */
const LATE_SECONDS = 2;
const GOODBYE_MS = 3_000;

const now = () => Date.now() / 1000;
const say = (/** @type {string} */ text) => process.stderr.write(`${text}\n`);
const sleep = (/** @type {number} */ ms) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Sends what waits in the queue at QoS 1, one message at a time: it leaves the queue when the broker
 * has it. What the broker refuses waits, and is tried again at each heartbeat. Says online,
 * retained, at once and at each heartbeat; the broker says offline in its stead.
 *
 * @param {Settings} settings
 * @param {Queue} queue
 */
export const openPublisher = (settings, queue) => {
  const statusTopic = `neuralsense/sensors/${settings.sensorId}/status`;
  const client = connect(settings, statusTopic);
  let isSending = false;
  let heard = 0;
  /** @type {string | undefined} why the readings that wait are not taken */
  let refused;
  let isResting = false;
  /** @type {Set<string>} each is said once in a connection */
  const complaints = new Set();

  const complain = (/** @type {string} */ text) => {
    if (!complaints.has(text)) say(`mqtt: ${text}`);
    complaints.add(text);
  };
  /** @param {'online' | 'offline'} state */
  const sayState = (state) => {
    const counts = { heard, queued: queue.waiting(), dropped: queue.dropped() };
    const word = JSON.stringify({ state, ts: now(), ...counts, refused });
    client.publish(statusTopic, word, RETAINED, (problem) => {
      if (problem && isRefusal(problem)) complain(refusalText(statusTopic, problem));
    });
  };
  const send = () => {
    const batch = isSending || isResting || !client.connected ? undefined : queue.head();
    if (batch === undefined) return;
    const late = now() - LATE_SECONDS;
    const marked = batch.map((one) => (one.ts < late ? { ...one, queued: true } : one));
    isSending = true;
    client.publish(settings.topic, JSON.stringify(marked), { qos: 1 }, (problem) => {
      isSending = false;
      isResting = problem ? isRefusal(problem) : false;
      refused = isResting ? problem?.message : undefined;
      if (problem) complain(isResting ? refusalText(settings.topic, problem) : problem.message);
      else {
        queue.done();
        send();
      }
    });
  };
  const sendAgain = () => {
    isResting = false;
    send();
  };
  client.on('error', (problem) => say(`mqtt: ${problem.message}`));
  client.on('offline', () => say('mqtt: no connection, readings wait'));
  client.on('connect', () => {
    complaints.clear();
    sayState('online');
    sendAgain();
  });
  const heartbeat = setInterval(() => {
    if (!client.connected) return;
    sayState('online');
    sendAgain();
  }, settings.heartbeatMs);

  return {
    /** @param {Parameters<Queue['add']>[0]} readings */
    publish: (readings) => {
      heard += readings.length;
      queue.add(readings);
      send();
    },
    /** What can be sent at once is sent; the rest goes to disk, and what that does not take is said. */
    close: async () => {
      clearInterval(heartbeat);
      const until = Date.now() + GOODBYE_MS;
      while (client.connected && !isResting && queue.waiting() > 0 && Date.now() < until)
        await sleep(20);
      const lost = queue.close();
      if (lost > 0) say(`the disk takes nothing: ${lost} readings are lost`);
      if (client.connected) sayState('offline');
      await Promise.race([client.endAsync(!client.connected), sleep(GOODBYE_MS)]);
    },
  };
};
