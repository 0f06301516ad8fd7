import {
  SCHEMA_VERSION,
  type UploadBatch,
  type UploadDwell,
  type UploadReading,
} from '../../supabase/functions/_shared/contract.ts';
import type { Sighting } from '../model/assignment.ts';
import type { Dwell } from '../model/movement.ts';
import type { Upload } from '../model/upload.ts';

/** Zone number → uuid, as zones_dim has it. */
export type ZoneUuids = ReadonlyMap<number, string>;

export interface Encoding {
  readonly storeId: string;
  readonly orgId: string;
  readonly zones: ZoneUuids;
  /** HMAC-SHA-256 with the store's secret: a raw MAC address never leaves the machine. */
  readonly hashMac: (mac: string) => string;
}

const iso = (unixSeconds: number): string => new Date(unixSeconds * 1000).toISOString();

/**
 * Stands for a zone that zones_dim has no row for. The database refuses such a row by itself, as
 * `unknown_zone`, and takes its neighbours.
 */
export const UNKNOWN_ZONE = '00000000-0000-0000-0000-000000000000';

const encodeReading =
  ({ zones, hashMac }: Encoding) =>
  ({ ts, phone_id, zone_id, vector, x, y, confidence, device_class }: Sighting): UploadReading => ({
    timestamp: iso(ts),
    hashed_mac: hashMac(phone_id),
    zone_id: zones.get(zone_id) ?? UNKNOWN_ZONE,
    rssi_readings: vector,
    estimated_position: { x, y, ...(confidence !== undefined && { confidence }) },
    ...(device_class && { device_class }),
  });

const encodeDwell =
  ({ zones, hashMac }: Encoding) =>
  ({ phone_id, zone_id, enter_ts, exit_ts, dwell_seconds }: Dwell): UploadDwell => ({
    hashed_mac: hashMac(phone_id),
    zone_id: zones.get(zone_id) ?? UNKNOWN_ZONE,
    enter_timestamp: iso(enter_ts),
    exit_timestamp: iso(exit_ts),
    dwell_seconds,
  });

/** The contract's payload for an upload; rows keep their order. */
export const encodeUpload = (
  { batch_id, assignments, dwells }: Upload,
  encoding: Encoding,
): UploadBatch => ({
  schema_version: SCHEMA_VERSION,
  batch_id,
  store_id: encoding.storeId,
  org_id: encoding.orgId,
  readings: assignments.map(encodeReading(encoding)),
  dwells: dwells.map(encodeDwell(encoding)),
});
