import type { either as E } from 'fp-ts';
import { ignoreElements, map, pipe } from 'rxjs';
import type { Assignment } from '../model/assignment.ts';
import type { Heard } from '../model/heard.ts';
import type { JsonlFile } from '../model/jsonlFile.ts';
import type { Policies } from '../model/policies.ts';
import type { Reading } from '../model/reading.ts';
import type { Rejected } from '../model/rejected.ts';
import { accepted, placed, type Report, refused, saved } from '../model/report.ts';
import type { RssiVector } from '../model/rssiVector.ts';
import type { Deliver, Env, Operator } from '../model/shapes.ts';
import type { ShopEvent } from '../model/shopEvent.ts';
import { admitReadings } from '../operators/admitReadings.ts';
import { classifyZones } from '../operators/classifyZones.ts';
import { collectWindows } from '../operators/collectWindows.ts';
import { fanOut } from '../operators/fanOut.ts';
import { splitEither } from '../operators/splitEither.ts';
import type { Classifier } from '../positioning/classifier.ts';
import { jsonlSink } from '../sinks/jsonlSink.ts';
import { only, shopEvents } from './shopEvents.ts';
import { type UploadStage, uploads } from './uploads.ts';

/** What the pipeline needs of the world. */
export interface Ports {
  /** Appends whole lines to one of the JSONL files, or none. */
  readonly append: (file: JsonlFile) => Deliver<ReadonlyArray<string>>;
  /** Absent with ENABLE_UPLOAD=false: the files stay the same. */
  readonly upload?: UploadStage;
}

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
): Operator<E.Either<Rejected, Heard>, Report> => {
  const save = <A>(file: JsonlFile): Operator<A, Report> =>
    pipe(jsonlSink<A>(file, ports.append(file), env), map(saved));
  const upload: Operator<ShopEvent, Report> =
    ports.upload === undefined
      ? ignoreElements()
      : uploads(ports.upload, ports.append('failed_uploads'), policies.upload, env);

  return pipe(
    admitReadings(policies.admission, env),
    splitEither(
      fanOut<Rejected, Report>(save('rejected_messages'), map(refused)),
      fanOut<Reading, Report>(
        save('rssi_readings'),
        map(accepted),
        pipe(
          collectWindows(policies.window, env),
          fanOut<RssiVector, Report>(
            save('rssi_vectors'),
            pipe(
              classifyZones(classifier),
              fanOut<Assignment, Report>(
                map(placed),
                pipe(
                  shopEvents(policies.movement, env),
                  fanOut<ShopEvent, Report>(
                    pipe(only('Assignment'), save('zone_assignments')),
                    pipe(only('Transition'), save('zone_transitions')),
                    pipe(only('Dwell'), save('dwells')),
                    pipe(only('Visit'), save('visits')),
                    upload,
                  ),
                ),
              ),
            ),
          ),
        ),
      ),
    ),
  );
};
