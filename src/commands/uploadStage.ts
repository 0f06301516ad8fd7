import { randomUUID } from 'node:crypto';
import type { Env } from '../model/shapes.ts';
import { hashMac } from '../production/hashMac.ts';
import { invokeIngest, lookUpZones } from '../production/supabase.ts';
import { deliverUpload } from '../sinks/deliverUpload.ts';
import type { UploadStage } from '../streams/uploads.ts';
import type { Destination } from './destination.ts';

/** The upload branch of the pipeline, bound to a destination. */
export const uploadStage = (
  { access, storeId, orgId, phoneHashSecret }: Destination,
  env: Pick<Env, 'scheduler'>,
): UploadStage => ({
  newBatchId: randomUUID,
  deliver: deliverUpload(
    {
      storeId,
      orgId,
      hashMac: hashMac(phoneHashSecret),
      lookUpZones: lookUpZones(access),
      invoke: invokeIngest(access),
    },
    env,
  ),
});
