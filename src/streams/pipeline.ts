import type { either as E } from 'fp-ts';
import { concatMap, filter, identity, ignoreElements, map, pipe, tap } from 'rxjs';
import type { Signal } from '../model/heard.ts';
import type { JsonlFile } from '../model/jsonlFile.ts';
import type { Policies } from '../model/policies.ts';
import type { Identity } from '../model/reading.ts';
import type { Received } from '../model/received.ts';
import type { Rejected } from '../model/rejected.ts';
import { journalled, placed, type Report } from '../model/report.ts';
import type { Deliver, Env, Operator } from '../model/shapes.ts';
import type { ShopEvent } from '../model/shopEvent.ts';
import { admitReadings } from '../operators/admitReadings.ts';
import { alignClocks } from '../operators/alignClocks.ts';
import { CONDENSE, condenseRejections } from '../operators/condenseRejections.ts';
import { countOnce } from '../operators/countOnce.ts';
import { fanOut } from '../operators/fanOut.ts';
import { thinReadings } from '../operators/thinReadings.ts';
import type { Tracking } from '../operators/trackMovement.ts';
import type { Classifier } from '../positioning/classifier.ts';
import { isResident } from '../positioning/deviceClass.ts';
import { type LivePorts, liveSink } from '../sinks/liveSink.ts';
import { type Entry, type Recorded, type RecordPorts, recordSink } from '../sinks/recordSink.ts';
import { commitOf } from './commitOf.ts';
import { flushes } from './flushes.ts';
import { type Memory, NO_MEMORY } from './memory.ts';
import { type UploadStage, uploads } from './uploads.ts';

/** What the pipeline needs of the world. */
export interface Ports extends RecordPorts {
  /** Appends whole lines to one of the JSONL files, or none; they are safe when it emits. */
  readonly append: (file: JsonlFile) => Deliver<ReadonlyArray<string>>;
  /** Absent with ENABLE_UPLOAD=false: the files stay the same. */
  readonly upload?: UploadStage;
  /** Absent where nobody is to be told at once. */
  readonly live?: LivePorts;
  /** What the process before this one left; absent where there was none. */
  readonly inherited?: Inherited;
}

export interface Inherited {
  readonly memory: Memory;
  /** The newest readings in the journal, oldest first: they may be delivered again. */
  readonly known: Iterable<Identity>;
  /** By sensor, what its newest reading there was corrected by, s; 0 for a clock that is kept. */
  readonly offsets?: ReadonlyMap<string, number>;
}

/** More readings than a broker may deliver again: than the tail of the journal that is known holds. */
export const REMEMBERED_READINGS = 350_000;

type Record = Recorded<Tracking>;

/** What is safe is acknowledged, message by message in the order of their coming. */
const acknowledge = (record: Record): void => {
  if (record._tag === 'Journalled') for (const one of record.received) one.acknowledge?.();
};

const reportOf = (record: Record): Report => {
  switch (record._tag) {
    case 'Journalled':
      return journalled(record.received);
    case 'Released':
      return placed(record.flush.assignments, record.flush.found.length);
    case 'Saving':
      return record;
  }
};

const eventsOf = (record: Record): ReadonlyArray<ShopEvent> =>
  record._tag === 'Released' ? record.flush.events : [];

const live = (ports: LivePorts, everyMs: number, env: Env): Operator<Record, never> =>
  pipe(
    filter((record) => record._tag === 'Released'),
    map(({ flush }) => {
      const phones = [...flush.tracks.phones];
      return new Map(phones.filter(([, { device_class }]) => !isResident(device_class)));
    }),
    liveSink(ports, everyMs, env),
  );

/**
 * The whole pipeline: what a source heard becomes files, zones, dwells and uploads. Emits a
 * {@link Report} for everything that happens, never errors of its own accord, and completes when
 * the source has and every window, file and batch is drained.
 */
export const pipeline = (
  classifier: Classifier,
  policies: Policies,
  ports: Ports,
  env: Env,
): Operator<E.Either<Rejected, Signal>, Report> => {
  const { memory = NO_MEMORY, known = [], offsets } = ports.inherited ?? {};
  const upload: Operator<ShopEvent, Report> =
    ports.upload === undefined
      ? ignoreElements()
      : uploads(ports.upload, ports.append('failed_uploads'), policies.upload, env);

  return pipe(
    admitReadings(policies.admission),
    alignClocks(policies.clocks, policies.window, env, offsets),
    countOnce(REMEMBERED_READINGS, known),
    policies.thinning ? thinReadings(policies.thinning, known) : identity,
    condenseRejections(CONDENSE, env),
    fanOut<Received, Entry<Tracking>>(
      map((received) => received),
      pipe(
        filter((received) => received._tag === 'Reading' || received._tag === 'Status'),
        map(({ value }) => value),
        filter((item) => policies.admission.sensors.has(item.sensor_id)),
        flushes(classifier, policies, memory, env),
        map((flush) => ({ _tag: 'Flush', flush })),
      ),
    ),
    recordSink(commitOf, ports, env),
    tap(acknowledge),
    fanOut<Record, Report>(
      map(reportOf),
      pipe(concatMap(eventsOf), fanOut<ShopEvent, Report>(upload)),
      ports.live ? live(ports.live, policies.window.spanMs, env) : ignoreElements(),
    ),
  );
};
