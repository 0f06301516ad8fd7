import { createHash } from 'node:crypto';
import { defer, Observable, of, Subject, takeUntil } from 'rxjs';
import { inherit } from '../../src/commands/pipeline/inherit.ts';
import type { WaitingLetter } from '../../src/model/failedUpload.ts';
import type { Policies } from '../../src/model/policies.ts';
import type { Report } from '../../src/model/report.ts';
import type { Env } from '../../src/model/shapes.ts';
import { loadLetter, readDeadLetters } from '../../src/production/files/deadLetters.ts';
import type { Disk } from '../../src/production/files/disk.ts';
import { jsonlFiles } from '../../src/production/files/jsonlFiles.ts';
import { openJournal } from '../../src/production/files/uploadJournal.ts';
import { deliverUpload } from '../../src/sinks/deliverUpload.ts';
import type { Encoding } from '../../src/sinks/encodeUpload.ts';
import { mqttReadings } from '../../src/sources/mqttReadings.ts';
import { pipeline } from '../../src/streams/pipeline.ts';
import type { UploadStage } from '../../src/streams/uploads.ts';
import { counting } from '../support/classifiers.ts';
import { uploadPolicy, uuid } from '../support/uploads.ts';
import { DIRECTORY } from './fakeDisk.ts';
import { ZONES } from './fakeSupabase.ts';
import { TOPIC, type World } from './world.ts';

export const GRACE_MS = 2_000;
export const SPAN_MS = 5_000;

const policies: Policies = {
  admission: {
    sensors: new Set(['pi1', 'pi2', 'pi3']),
    storeNames: new Set(['demo']),
  },
  clocks: { isCorrecting: true, maxSkewMs: 600_000 },
  window: { spanMs: SPAN_MS, graceMs: GRACE_MS, beatMs: GRACE_MS + 20 },
  movement: { confirmAssignments: 2, dwellGapSeconds: 12, visitGapSeconds: 30, quietMs: 10_000 },
  upload: uploadPolicy({
    batch: { maxItems: 5, maxWaitMs: 8_000 },
    retry: { maxRetries: 2, initialDelayMs: 500, maxDelayMs: 4_000 },
    breaker: { failures: 3, initialDelayMs: 500, maxDelayMs: 8_000, parkedMs: 8_000 },
    catchUp: { waitingItems: 15, previewItems: 8, pageItems: 10, concurrency: 3, previewEvery: 3 },
    redrive: { intervalMs: 100, restMs: 5_000, triesToBlame: 8 },
  }),
};

export const ENCODING: Encoding = {
  storeId: uuid(1),
  orgId: uuid(2),
  zones: ZONES,
  hashMac: (mac) => createHash('sha256').update(mac).digest('hex'),
};

/** The pipeline's process in this world. */
export interface PipelineProcess {
  /** At once and without a word. */
  readonly kill: () => void;
  /** As SIGTERM does. */
  readonly stop: () => void;
  /** Whether it has uploaded what its failing disk did not hold. */
  readonly hasRunAhead: () => boolean;
}

const uploadStage = async (
  { supabase }: World,
  disk: Disk,
  appendRedriven: UploadStage['letters']['appendRedriven'],
  newBatchId: () => string,
  env: Env,
): Promise<UploadStage> => {
  const lookUpZones = supabase.lookUpZones(env);
  return {
    probe: lookUpZones,
    deliver: deliverUpload({ ...ENCODING, lookUpZones, invoke: supabase.invoke(env) }, env),
    newBatchId,
    journal: await openJournal(DIRECTORY, ENCODING.storeId, env.log, disk),
    letters: {
      letters$: new Observable<ReadonlyArray<WaitingLetter>>((subscriber) =>
        subscriber.next(readDeadLetters(DIRECTORY, disk).pending),
      ),
      load: (letter) => defer(() => of(loadLetter(letter, disk))),
      appendRedriven,
    },
  };
};

/**
 * Starts the pipeline as its command does, on this world's disk, broker and Supabase. `ended` is
 * told when it has stopped, or could not start; `stepped` each time its disk does something.
 */
export const startPipeline = (
  world: World,
  maxBytes: number,
  newBatchId: () => string,
  stepped: () => void,
  ended: () => void,
): PipelineProcess => {
  let isAlive = true;
  let hasRunAhead = false;
  const alive = (): boolean => isAlive;
  const { time, random } = world;
  const scheduler = time.schedulerOf(alive);
  const env: Env = { scheduler, random: random.fork().uniform, log: () => undefined };
  const disk = world.disk.mount(alive, stepped);
  const stop$ = new Subject<void>();
  const end = (): void => {
    isAlive = false;
    ended();
  };
  const watch = (report: Report): void => {
    if (report._tag === 'Saving') hasRunAhead = true;
  };
  const run = async (): Promise<void> => {
    const { log } = env;
    const now = time.now;
    const store = ENCODING.storeId;
    const given = { dir: DIRECTORY, store, maxBytes, retentionDays: 30, now, log, disk };
    const files = jsonlFiles(given);
    await disk.promises.mkdir(DIRECTORY, { recursive: true, mode: 0o700 });
    const { inherited } = await inherit(DIRECTORY, policies.window, files, log, disk);
    const redriven = files.append('redriven_uploads');
    const upload = await uploadStage(world, disk, redriven, newBatchId, env);
    const { readings$ } = mqttReadings(
      {
        ...{ url: 'mqtt://broker', topics: [TOPIC], clientId: 'pipeline', protocolVersion: 5 },
        ...{ statusTopic: 'neuralsense/pipeline/demo/status', keepaliveSeconds: 30 },
        retry: { initialDelayMs: 100, maxDelayMs: 3_000 },
      },
      { connect: world.broker.connectFor(alive), scheduler, random: env.random, now },
    );
    const { append, commit } = files;
    readings$
      .pipe(
        takeUntil(stop$),
        pipeline(counting(), policies, { append, commit, inherited, upload }, env),
      )
      .subscribe({ next: watch, complete: () => void files.close().then(end) });
  };
  run().catch(() => isAlive && end());
  return {
    kill: () => {
      isAlive = false;
    },
    stop: () => stop$.next(),
    hasRunAhead: () => hasRunAhead,
  };
};
