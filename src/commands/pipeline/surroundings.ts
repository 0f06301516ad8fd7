import { join } from 'node:path';
import type { Config } from '../../config.ts';
import { loadDemoUser } from '../../embedded/auth/demoUser.ts';
import type { Credentials } from '../../embedded/auth/users.ts';
import { DEMO_STORE_ID } from '../../embedded/database/demoStore.ts';
import { writeEmbeddedEnv } from '../../embedded/embeddedEnv.ts';
import { type Exposure, startMqttBroker } from '../../embedded/mqttBroker.ts';
import { loadSecrets } from '../../embedded/secrets.ts';
import { startSimulatedShop } from '../../embedded/shop/publisher.ts';
import type { Layout } from '../../model/layout.ts';
import type { Env } from '../../model/shapes.ts';
import type { Closers } from '../../production/closers.ts';
import { lockDirectory } from '../../production/instanceLock.ts';
import { missingForUploads, type UploadNeed } from '../../uploadNeeds.ts';
import { type Destination, openDestination } from '../destination.ts';
import { realShopBy } from '../realShop.ts';
import { DATA_DIR } from '../settings.ts';

const MQTT_PORT = 1883;

export interface Choices {
  /** Undefined: simulate where no setting is a real shop's. */
  readonly simulate?: boolean;
  readonly seed: number;
  /** Two weeks of made-up visits for a new embedded database. */
  readonly history?: boolean;
}

/** What the pipeline runs amid: real where the settings name it, embedded where they do not. */
export interface Surroundings {
  readonly mqttUrl: string;
  readonly isBrokerEmbedded: boolean;
  /** Where other machines reach it, by TLS; absent where they do not. */
  readonly brokerHost?: string;
  readonly storeId: string;
  /** The last level of the topics. */
  readonly storeName: string;
  /** Absent with ENABLE_UPLOAD=false, and while uploads are held. */
  readonly destination?: Destination;
  /** What uploads wait for; empty where nothing holds them. */
  readonly held: ReadonlyArray<UploadNeed>;
  /** Who may look at the dashboard of the embedded Supabase; absent where that does not run. */
  readonly demoUser?: Credentials;
  /** Where the simulated shop tells the truth about itself; absent where nothing is simulated. */
  readonly truthFile?: string;
  /** The setting for whose sake nothing is simulated though the broker is embedded. */
  readonly realBy?: string;
}

const announce = async (
  destination: Destination | undefined,
  demoUser: Credentials | undefined,
  mqttUrl: string | undefined,
): Promise<void> => {
  const secrets = destination?.isEmbedded ? await loadSecrets(DATA_DIR) : undefined;
  if (secrets === undefined && mqttUrl === undefined) return;
  await writeEmbeddedEnv(DATA_DIR, {
    ...(destination &&
      secrets && {
        SUPABASE_URL: destination.access.url,
        SUPABASE_PUBLISHABLE_KEY: secrets.publishableKey,
        SUPABASE_SECRET_KEY: secrets.secretKey,
      }),
    ...(demoUser && { DEMO_USER_EMAIL: demoUser.email, DEMO_USER_PASSWORD: demoUser.password }),
    ...(mqttUrl !== undefined && { MQTT_URL: mqttUrl }),
  });
};

/** The store as this machine knows it, and where its rows go. */
export type Store = Pick<Surroundings, 'storeId' | 'storeName' | 'destination' | 'held'>;

/**
 * Locks OUTPUT_DIR for this process and opens the database that rows go to; `closers` learns how to
 * end each. Rejects where it cannot start or another pipeline uses the same directory.
 */
export const openStore = async (
  config: Config,
  { history }: Pick<Choices, 'history'>,
  log: Env['log'],
  onProgress: (step: string) => void,
  closers: Closers,
): Promise<Store> => {
  closers.add((await lockDirectory(config.OUTPUT_DIR, 'pipeline')).release);
  const held = missingForUploads(config);
  const opened =
    config.ENABLE_UPLOAD && held.length === 0
      ? await openDestination(config, log, onProgress, history)
      : undefined;
  if (opened) closers.add(opened.close);
  const destination = opened?.destination;
  return {
    storeId: destination?.storeId ?? config.STORE_ID ?? DEMO_STORE_ID,
    storeName: config.STORE_NAME ?? config.STORE_ID ?? 'demo',
    held,
    ...(destination && { destination }),
  };
};

/** Starts a broker where none is named, and tells other tools where things are. */
export const openSurroundings = async (
  config: Config,
  { simulate }: Choices,
  store: Store,
  log: Env['log'],
  closers: Closers,
  exposure?: Exposure,
): Promise<Surroundings> => {
  const { destination } = store;
  const broker = config.MQTT_URL
    ? undefined
    : await startMqttBroker({ port: MQTT_PORT, log, ...(exposure && { exposure }) });
  if (broker) closers.add(broker.close);
  const demoUser = destination?.isEmbedded ? await loadDemoUser(DATA_DIR) : undefined;
  await announce(destination, demoUser, broker?.url);
  const realBy = realShopBy(config);
  const isSimulated = simulate ?? realBy === undefined;
  return {
    ...store,
    mqttUrl: config.MQTT_URL ?? broker?.url ?? '',
    isBrokerEmbedded: broker !== undefined,
    ...(exposure && { brokerHost: `${exposure.host} port ${broker?.exposedPort}` }),
    ...(demoUser && { demoUser }),
    ...(isSimulated && { truthFile: join(config.OUTPUT_DIR, 'simulated_truth.jsonl') }),
    ...(broker && simulate === undefined && realBy !== undefined && { realBy }),
  };
};

/** Lets the simulated shop publish, where there is one. */
export const openShop = async (
  { truthFile, mqttUrl, storeName }: Surroundings,
  rssiTopic: string,
  layout: Layout,
  seed: number,
  log: Env['log'],
  closers: Closers,
): Promise<void> => {
  if (truthFile === undefined) return;
  const topic = `${rssiTopic}/${storeName}`;
  const shop = await startSimulatedShop({
    brokerUrl: mqttUrl,
    topic,
    layout,
    seed,
    truthFile,
    log,
  });
  closers.add(shop.close);
};
