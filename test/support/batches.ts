import { randomUUID } from 'node:crypto';
import { DEMO_ORG_ID, DEMO_STORE_ID } from '../../src/embedded/database/demoStore.ts';
import type {
  UploadBatch,
  UploadDwell,
  UploadReading,
} from '../../supabase/functions/_shared/contract.ts';

/** The uuids that supabase/seed.sql gives to some of the demo store's zones. */
export const ZONE = {
  entrance: '6d3aed9e-f6fb-5dcb-8859-dfce59635c54',
  windowWest: 'bbef74bc-c110-50b6-beda-e981365ad150',
  aisle: 'df5825ae-afea-5a0e-a982-bdfe1bc07e52',
  checkout: 'd69c9280-7315-541b-80fe-bd9d826546a1',
} as const;

export const macHash = (phone: number): string => phone.toString(16).padStart(64, '0');

export const reading = (
  timestamp: string,
  zone_id: string = ZONE.entrance,
  phone = 1,
  rssi = -50,
): UploadReading => ({
  timestamp,
  hashed_mac: macHash(phone),
  zone_id,
  rssi_readings: { pi1: rssi, pi5: -61.5 },
  estimated_position: { x: 1.5, y: 2.5, confidence: 0.8 },
});

export const dwell = (
  enter_timestamp: string,
  exit_timestamp: string,
  zone_id: string,
  phone = 1,
): UploadDwell => ({
  hashed_mac: macHash(phone),
  zone_id,
  enter_timestamp,
  exit_timestamp,
  dwell_seconds: (Date.parse(exit_timestamp) - Date.parse(enter_timestamp)) / 1000,
});

export const batchOf = (
  readings: ReadonlyArray<UploadReading>,
  dwells: ReadonlyArray<UploadDwell> = [],
): UploadBatch => ({
  schema_version: 1,
  batch_id: randomUUID(),
  store_id: DEMO_STORE_ID,
  org_id: DEMO_ORG_ID,
  readings,
  dwells,
});
