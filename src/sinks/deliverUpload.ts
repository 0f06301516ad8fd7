import { catchError, defer, mergeMap, type Observable, of, tap, throwError } from 'rxjs';
import {
  type IngestResult,
  LIMITS,
  type UploadBatch,
} from '../../supabase/functions/_shared/contract.ts';
import { type DeliveryError, toDeliveryError } from '../model/outcome.ts';
import type { Deliver, Env } from '../model/shapes.ts';
import { sizeOf, type Upload } from '../model/upload.ts';
import { type Encoding, encodeUpload, type ZoneUuids } from './encodeUpload.ts';

export interface UploadPorts extends Omit<Encoding, 'zones'> {
  /** Asks the function which uuid stands for which zone of this store. Cold. */
  readonly lookUpZones: Observable<ZoneUuids>;
  /** One POST to the function, with a timeout. */
  readonly invoke: Deliver<UploadBatch, IngestResult>;
}

const ZONES_KEPT_MS = 10 * 60_000;

const covers = (zones: ZoneUuids, { assignments, dwells }: Upload): boolean =>
  [...assignments, ...dwells].every(({ zone_id }) => zones.has(zone_id));

/** No row is to blame for what a lookup is refused. */
const notByRows = catchError<ZoneUuids, Observable<never>>((thrown: unknown) => {
  const { blames, ...error } = toDeliveryError(thrown);
  return throwError(() =>
    error._tag === 'Permanent' ? { ...error, _tag: 'Misconfigured' } : error,
  );
});

/** Where even one row is too large for whoever refused it, more rows will fare no better. */
const notByOneRow = (upload: Upload) =>
  catchError<IngestResult, Observable<never>>((thrown: unknown) => {
    const { blames, ...error } = toDeliveryError(thrown);
    const tooSmall: DeliveryError = {
      ...error,
      _tag: 'Misconfigured',
      advice: 'something before the function refuses even one row as too large: raise its limit',
    };
    return throwError(() => (blames === 'size' && sizeOf(upload) === 1 ? tooSmall : thrown));
  });

/** The function would refuse it: that can be known without a request. */
const refuseTooLarge = (batch: UploadBatch): Observable<UploadBatch> => {
  const { length } = new TextEncoder().encode(JSON.stringify(batch));
  const error: DeliveryError = {
    _tag: 'Permanent',
    reason: `too large: ${length} bytes of at most ${LIMITS.bodyBytes}`,
    blames: 'size',
  };
  return length > LIMITS.bodyBytes ? throwError(() => error) : of(batch);
};

/**
 * Zones are looked up before the first upload and kept for ten minutes, or until an upload speaks
 * of one that was not there. A lookup that fails is a failed delivery and is tried again with it.
 */
export const deliverUpload = (
  { lookUpZones, invoke, ...encoding }: UploadPorts,
  env: Pick<Env, 'scheduler'>,
): Deliver<Upload, IngestResult> => {
  let known: { readonly zones: ZoneUuids; readonly untilMs: number } | undefined;
  const lookUp$ = lookUpZones.pipe(
    notByRows,
    tap((zones) => {
      known = { zones, untilMs: env.scheduler.now() + ZONES_KEPT_MS };
    }),
  );
  const zonesFor = (upload: Upload): Observable<ZoneUuids> =>
    known !== undefined && env.scheduler.now() < known.untilMs && covers(known.zones, upload)
      ? of(known.zones)
      : lookUp$;
  return (upload) =>
    defer(() => zonesFor(upload)).pipe(
      mergeMap((zones) => refuseTooLarge(encodeUpload(upload, { ...encoding, zones }))),
      mergeMap((batch) => invoke(batch).pipe(notByOneRow(upload))),
    );
};
