import { randomUUID } from 'node:crypto';
import type { Env } from '../model/shapes.ts';
import { hashMac } from '../production/hashMac.ts';
import { invokeIngest, lookUpZones } from '../production/supabase.ts';
import { saveCursor, unsettledAssignments } from '../production/uploadCursor.ts';
import { deliverUpload } from '../sinks/deliverUpload.ts';
import type { UploadStage } from '../streams/uploads.ts';
import type { Destination } from './destination.ts';

/** How uploads reach a destination. */
export const uploadPorts = (
  { access, storeId, orgId, phoneHashSecret }: Destination,
  env: Pick<Env, 'scheduler'>,
): Pick<UploadStage, 'deliver' | 'newBatchId'> => ({
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

/** The upload branch of the pipeline: goes on where the last process of this directory ended. */
export const uploadStage = async (
  destination: Destination,
  outputDir: string,
  env: Env,
): Promise<UploadStage> => {
  const { storeId } = destination;
  const unsettled = await unsettledAssignments(outputDir, storeId);
  if (unsettled.length > 0)
    env.log({ level: 'info', event: 'uploads resumed', assignments: unsettled.length });
  return {
    ...uploadPorts(destination, env),
    saveCursor: saveCursor(outputDir, storeId),
    unsettled,
  };
};
