import { randomUUID } from 'node:crypto';
import type { Observable } from 'rxjs';
import type { JsonlFile } from '../model/jsonlFile.ts';
import type { Deliver, Env } from '../model/shapes.ts';
import { deadLetterBox } from '../production/files/deadLetterBox.ts';
import { openJournal } from '../production/files/uploadJournal.ts';
import { hashMac } from '../production/hashMac.ts';
import { invokeIngest, invokeLive, lookUpZones } from '../production/supabase.ts';
import { deliverUpload } from '../sinks/deliverUpload.ts';
import type { ZoneUuids } from '../sinks/encodeUpload.ts';
import type { LivePorts } from '../sinks/liveSink.ts';
import type { UploadStage } from '../streams/uploads.ts';
import type { Destination } from './destination.ts';

/** How uploads reach a destination. */
export const uploadPorts = (
  { access, storeId, orgId, phoneHashSecret }: Destination,
  env: Pick<Env, 'scheduler'>,
): Pick<UploadStage, 'deliver'> & { readonly probe: Observable<ZoneUuids> } => {
  const zones$ = lookUpZones(access);
  return {
    probe: zones$,
    deliver: deliverUpload(
      {
        storeId,
        orgId,
        hashMac: hashMac(phoneHashSecret),
        lookUpZones: zones$,
        invoke: invokeIngest(access),
      },
      env,
    ),
  };
};

/** The upload branch of the pipeline: goes on where the last process of this directory ended. */
export const uploadStage = async (
  destination: Destination,
  outputDir: string,
  append: (file: JsonlFile) => Deliver<ReadonlyArray<string>>,
  env: Env,
): Promise<UploadStage> => {
  const journal = await openJournal(outputDir, destination.storeId, env.log);
  if (journal.behind > 0)
    env.log({ level: 'info', event: 'uploads resumed', rows: journal.behind });
  return {
    ...uploadPorts(destination, env),
    newBatchId: randomUUID,
    journal,
    letters: {
      ...deadLetterBox(outputDir, 'pipeline, sending dead letters', env.log),
      appendRedriven: append('redriven_uploads'),
    },
  };
};

/**
 * Keeps the place from which uploads go on once they are possible: all that is saved from now on is
 * sent then. How many rows wait already.
 */
export const holdUploads = async (outputDir: string, storeId: string): Promise<number> =>
  (await openJournal(outputDir, storeId)).behind;

/** How a destination hears at once how many phones are where. */
export const livePorts = ({ access, storeId }: Destination): LivePorts => ({
  storeId,
  send: invokeLive(access),
});
