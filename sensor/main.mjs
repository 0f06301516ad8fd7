// @ts-check
/**
 * Hears the probe requests of phones and publishes them: `node main.mjs`, settings in the
 * environment (sensor.env.example). Ends at SIGTERM; with exit code 1 when the capture ends, 78 when
 * the settings are wrong.
 */
import { openCapture } from './capture.mjs';
import { phoneId } from './phoneId.mjs';
import { openPublisher } from './publisher.mjs';
import { openQueue } from './queue.mjs';
import { Misconfigured, readSettings } from './settings.mjs';

/** Readings that are held in memory before they go to disk: some minutes of a busy shop. */
const IN_MEMORY = 5_000;

const say = (/** @type {string} */ text) => process.stderr.write(`${text}\n`);

/** @param {ReturnType<typeof readSettings>} settings */
const run = async (settings) => {
  const { sensorId, secret, queueDir, queueBytes } = settings;
  const queue = openQueue({ dir: queueDir, inMemory: IN_MEMORY, maxBytes: queueBytes });
  const publisher = openPublisher(settings, queue);
  const capture = openCapture(settings.capture);
  let isStopped = false;
  const stop = () => {
    isStopped = true;
    capture.stop();
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);

  /** @type {import('./segments.mjs').Reading[]} */
  let fresh = [];
  let isHearing = false;
  const flush = () => {
    publisher.publish(fresh);
    fresh = [];
  };
  const timer = setInterval(flush, settings.publishMs);
  try {
    for await (const { mac, rssi, ts } of capture.probes()) {
      if (!isHearing) say('the first probe request was heard');
      isHearing = true;
      fresh.push({ sensor_id: sensorId, phone_id: phoneId(mac, secret), rssi, ts });
    }
  } finally {
    capture.stop();
    clearInterval(timer);
    flush();
    await publisher.close();
  }
  if (!isStopped) throw new Error('the capture has ended');
};

try {
  await run(readSettings(process.env));
} catch (problem) {
  say(problem instanceof Error ? problem.message : String(problem));
  process.exitCode = problem instanceof Misconfigured ? 78 : 1;
}
// A connection that does not end keeps no sensor alive.
setTimeout(() => process.exit(), 1_000).unref();
