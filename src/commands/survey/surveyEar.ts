import { either as E } from 'fp-ts';
import { connect as connectMqtt } from 'mqtt';
import { concatMap, type Observable, share, tap } from 'rxjs';
import type { Config } from '../../config.ts';
import type { ConnectionStatus } from '../../model/connection.ts';
import { isHeard, type Signal } from '../../model/heard.ts';
import type { Layout } from '../../model/layout.ts';
import type { Reading } from '../../model/reading.ts';
import type { Rejected } from '../../model/rejected.ts';
import type { Env } from '../../model/shapes.ts';
import { unshared } from '../../model/topic.ts';
import { admitReadings } from '../../operators/admitReadings.ts';
import { alignClocks } from '../../operators/alignClocks.ts';
import { SURVEY } from '../../production/certificates/certificateFolder.ts';
import { mqttReadings } from '../../sources/mqttReadings.ts';
import { formatsOf, policiesOf, readTls } from '../settings.ts';

/** What else was heard lately; it tells why a phone is not. */
export interface Around {
  /** Phones by sensor. */
  readonly phones: ReadonlyMap<string, ReadonlySet<string>>;
  /** The loudest reading of each phone. */
  readonly loudest: ReadonlyMap<string, Reading>;
  readonly rejected: number;
  /** Of the last rejected message. */
  readonly reasons: ReadonlyArray<string>;
}

export interface Ear {
  /** Readings that the pipeline would take. Listens to the broker while somebody listens here. */
  readonly readings$: Observable<Reading>;
  readonly status$: Observable<ConnectionStatus>;
  /** Since the last time it was asked to forget. */
  readonly around: () => Around;
  readonly forget: () => void;
}

const listening = () => {
  const state = {
    phones: new Map<string, Set<string>>(),
    loudest: new Map<string, Reading>(),
    rejected: 0,
    reasons: [] as ReadonlyArray<string>,
  };
  return {
    around: (): Around => ({ ...state }),
    forget: (): void => {
      state.phones.clear();
      state.loudest.clear();
      state.rejected = 0;
      state.reasons = [];
    },
    hear: (reading: Reading): void => {
      const { sensor_id, phone_id, rssi } = reading;
      state.phones.set(sensor_id, (state.phones.get(sensor_id) ?? new Set()).add(phone_id));
      if (rssi > (state.loudest.get(phone_id)?.rssi ?? Number.NEGATIVE_INFINITY))
        state.loudest.set(phone_id, reading);
    },
    refuse: ({ reasons }: Rejected): void => {
      state.rejected += 1;
      state.reasons = reasons;
    },
  };
};

/** Nothing is kept here, so the broker need not keep it either. */
const acknowledge = (heard: E.Either<Rejected, Signal>): void =>
  (E.isLeft(heard) ? heard.left : heard.right).acknowledge?.();

/**
 * Listens as the pipeline does, beside it: a guest of the broker with a name of its own.
 *
 * @param stores what this store is called in topics
 */
export const openEar = (
  config: Config,
  layout: Layout,
  broker: { readonly url: string; readonly isEmbedded: boolean },
  stores: ReadonlyArray<string>,
  env: Env,
): Ear => {
  const { admission, clocks, window } = policiesOf(config, layout, stores);
  const { around, forget, hear, refuse } = listening();
  const { topics, decode } = formatsOf(config);
  const { readings$, status$ } = mqttReadings(
    {
      url: broker.url,
      // Of what a group shares, each message goes to one of it: not to us instead of the pipeline.
      topics: topics.map(unshared),
      decode,
      clientId: `${SURVEY}/${process.pid}`,
      ...(config.MQTT_USERNAME === undefined ? {} : { username: config.MQTT_USERNAME }),
      ...(config.MQTT_PASSWORD === undefined ? {} : { password: config.MQTT_PASSWORD }),
      tls: () => readTls(config),
      protocolVersion: config.MQTT_PROTOCOL === '5' && !broker.isEmbedded ? 5 : 4,
      keepaliveSeconds: 30,
      retry: { initialDelayMs: 500, maxDelayMs: 5_000 },
    },
    { connect: connectMqtt, scheduler: env.scheduler, random: env.random, now: Date.now },
  );
  const heard$ = readings$.pipe(
    tap(acknowledge),
    admitReadings(admission),
    alignClocks(clocks, window, env),
    tap((heard) => {
      if (E.isLeft(heard)) refuse(heard.left);
    }),
    concatMap((heard) => (E.isRight(heard) && isHeard(heard.right) ? [heard.right.reading] : [])),
    tap(hear),
    share(),
  );
  return { readings$: heard$, status$, around, forget };
};
