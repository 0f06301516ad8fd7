import { once } from 'node:events';
import { connect } from 'node:net';
import type { Config } from '../../config.ts';
import { startMqttBroker } from '../../embedded/mqttBroker.ts';
import type { Layout } from '../../model/layout.ts';
import type { Env } from '../../model/shapes.ts';
import type { Closers } from '../../production/closers.ts';
import { exposureOf } from '../exposure.ts';
import { readEmbeddedEnv } from '../settings.ts';

const PORT = 1883;
const PATIENCE_MS = 1_000;

const isUp = async (url: string): Promise<boolean> => {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(PATIENCE_MS) });
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
};

/**
 * The broker that the sensors publish to: the one that is named, that of a pipeline which runs in this
 * directory, else one of our own for as long as the survey takes.
 */
export const findBroker = async (
  config: Config,
  layout: Layout,
  log: Env['log'],
  closers: Closers,
): Promise<{ readonly url: string; readonly isEmbedded: boolean }> => {
  if (config.MQTT_URL !== undefined) return { url: config.MQTT_URL, isEmbedded: false };
  const { MQTT_URL } = readEmbeddedEnv();
  if (MQTT_URL !== undefined && (await isUp(MQTT_URL))) return { url: MQTT_URL, isEmbedded: true };
  const exposure = await exposureOf(config, layout);
  const broker = await startMqttBroker({ port: PORT, log, ...(exposure && { exposure }) });
  closers.add(broker.close);
  return { url: broker.url, isEmbedded: true };
};
