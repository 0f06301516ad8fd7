import { either as E } from 'fp-ts';
import { defer, mergeMap, type Observable, of, tap, throwError } from 'rxjs';
import type { IngestResult, UploadBatch } from '../../supabase/functions/_shared/contract.ts';
import type { Deliver, Env } from '../model/shapes.ts';
import type { Upload } from '../model/upload.ts';
import { type Encoding, encodeUpload, type ZoneUuids } from './encodeUpload.ts';

export interface UploadPorts extends Omit<Encoding, 'zones'> {
  /** Asks the function which uuid stands for which zone of this store. Cold. */
  readonly lookUpZones: Observable<ZoneUuids>;
  /** One POST to the function, with a timeout. */
  readonly invoke: Deliver<UploadBatch, IngestResult>;
}

const ZONES_KEPT_MS = 10 * 60_000;

/** The value of `lookUp$`, looked up again once it is older than `forMs`. Errors are not kept. */
const kept = <A>(
  lookUp$: Observable<A>,
  forMs: number,
  { scheduler }: Pick<Env, 'scheduler'>,
): Observable<A> => {
  let known: { readonly value: A; readonly untilMs: number } | undefined;
  return defer(() =>
    known !== undefined && scheduler.now() < known.untilMs
      ? of(known.value)
      : lookUp$.pipe(
          tap((value) => {
            known = { value, untilMs: scheduler.now() + forMs };
          }),
        ),
  );
};

/**
 * Zones are looked up before the first upload and kept for ten minutes; a lookup that fails is a
 * failed delivery and is tried again with it.
 */
export const deliverUpload = (
  { lookUpZones, invoke, ...encoding }: UploadPorts,
  env: Pick<Env, 'scheduler'>,
): Deliver<Upload, IngestResult> => {
  const zones$ = kept(lookUpZones, ZONES_KEPT_MS, env);
  return (upload) =>
    zones$.pipe(
      mergeMap((zones) =>
        E.match(
          (error) => throwError(() => error),
          invoke,
        )(encodeUpload(upload, { ...encoding, zones })),
      ),
    );
};
