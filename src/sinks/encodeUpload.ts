import { either as E, readonlyArray as RA } from 'fp-ts';
import {
  SCHEMA_VERSION,
  type UploadBatch,
  type UploadDwell,
  type UploadReading,
} from '../../supabase/functions/_shared/contract.ts';
import type { Assignment } from '../model/assignment.ts';
import type { Dwell } from '../model/movement.ts';
import type { DeliveryError } from '../model/outcome.ts';
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

const zoneUuid = (zones: ZoneUuids, zoneId: number): E.Either<DeliveryError, string> =>
  E.fromNullable<DeliveryError>({
    _tag: 'Permanent',
    reason: `zone ${zoneId} has no row in zones_dim: seed this store's zones, then redrive`,
  })(zones.get(zoneId));

const encodeReading =
  ({ zones, hashMac }: Encoding) =>
  (assignment: Assignment): E.Either<DeliveryError, UploadReading> =>
    E.Functor.map(zoneUuid(zones, assignment.zone_id), (zone_id) => ({
      timestamp: iso(assignment.ts),
      hashed_mac: hashMac(assignment.phone_id),
      zone_id,
      rssi_readings: assignment.vector,
      estimated_position: {
        x: assignment.x,
        y: assignment.y,
        confidence: assignment.confidence,
      },
    }));

const encodeDwell =
  ({ zones, hashMac }: Encoding) =>
  (dwell: Dwell): E.Either<DeliveryError, UploadDwell> =>
    E.Functor.map(zoneUuid(zones, dwell.zone_id), (zone_id) => ({
      hashed_mac: hashMac(dwell.phone_id),
      zone_id,
      enter_timestamp: iso(dwell.enter_ts),
      exit_timestamp: iso(dwell.exit_ts),
      dwell_seconds: dwell.dwell_seconds,
    }));

/** The contract's payload for an upload. Left where zones_dim lacks a zone that it speaks of. */
export const encodeUpload = (
  { batch_id, assignments, dwells }: Upload,
  encoding: Encoding,
): E.Either<DeliveryError, UploadBatch> =>
  E.Chain.chain(RA.traverse(E.Applicative)(encodeReading(encoding))(assignments), (readings) =>
    E.Functor.map(RA.traverse(E.Applicative)(encodeDwell(encoding))(dwells), (encodedDwells) => ({
      schema_version: SCHEMA_VERSION,
      batch_id,
      store_id: encoding.storeId,
      org_id: encoding.orgId,
      readings,
      dwells: encodedDwells,
    })),
  );
