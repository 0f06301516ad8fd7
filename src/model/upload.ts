import * as t from 'io-ts';
import { Assignment } from './assignment.ts';
import { Dwell } from './movement.ts';
import type { ShopEventOf } from './shopEvent.ts';

/** What travels together: `batch_id` is made once and kept through every retry and dead letter. */
export const Upload = t.strict(
  {
    batch_id: t.string,
    assignments: t.readonlyArray(Assignment),
    dwells: t.readonlyArray(Dwell),
  },
  'Upload',
);
export type Upload = t.TypeOf<typeof Upload>;

export type UploadItem = ShopEventOf<'Assignment' | 'Dwell'>;

/** How many rows an upload holds. */
export const sizeOf = ({ assignments, dwells }: Upload): number =>
  assignments.length + dwells.length;
