import { defer, mergeMap, type Observable, of, tap } from 'rxjs';
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

const covers = (zones: ZoneUuids, { assignments, dwells }: Upload): boolean =>
  [...assignments, ...dwells].every(({ zone_id }) => zones.has(zone_id));

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
      mergeMap((zones) => invoke(encodeUpload(upload, { ...encoding, zones }))),
    );
};
