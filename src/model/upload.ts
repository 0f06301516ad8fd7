import * as t from 'io-ts';
import { Sighting } from './assignment.ts';
import { Dwell } from './movement.ts';
import type { ShopEventOf } from './shopEvent.ts';

/** What travels together: `batch_id` is made once and kept through every retry and dead letter. */
export const Upload = t.strict(
  {
    batch_id: t.string,
    assignments: t.readonlyArray(Sighting),
    dwells: t.readonlyArray(Dwell),
  },
  'Upload',
);
export type Upload = t.TypeOf<typeof Upload>;

export type UploadItem =
  | { readonly _tag: 'Assignment'; readonly value: Sighting }
  | ShopEventOf<'Dwell'>;

/** What an item is known by, here and in the database. */
export const keyOf = ({ _tag, value }: UploadItem): string =>
  _tag === 'Assignment'
    ? `${_tag} ${value.phone_id} ${value.ts}`
    : `${_tag} ${value.phone_id} ${value.zone_id} ${value.enter_ts} ${value.exit_ts}`;

/** How many rows an upload holds. */
export const sizeOf = ({ assignments, dwells }: Upload): number =>
  assignments.length + dwells.length;

export const itemsOf = ({ assignments, dwells }: Upload): ReadonlyArray<UploadItem> => [
  ...assignments.map((value): UploadItem => ({ _tag: 'Assignment', value })),
  ...dwells.map((value): UploadItem => ({ _tag: 'Dwell', value })),
];

export const toUpload = (batch_id: string, items: ReadonlyArray<UploadItem>): Upload => ({
  batch_id,
  assignments: items.flatMap((item) => (item._tag === 'Assignment' ? [item.value] : [])),
  dwells: items.flatMap((item) => (item._tag === 'Dwell' ? [item.value] : [])),
});

/** FNV-1a, 32 bits. @see https://datatracker.ietf.org/doc/html/draft-eastlake-fnv */
const fnv1a = (text: string): number => {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1)
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193) >>> 0;
  return hash;
};

/**
 * The id of a part of a batch: a uuid that follows from the whole's and the part's name, so that a
 * part that is sent again has the id that it had. (The whole's id is random; this only spreads it.)
 */
export const partId = (batchId: string, part: string): string => {
  const hex = [0, 1, 2, 3]
    .map((word) => fnv1a(`${word}|${batchId}|${part}`).toString(16).padStart(8, '0'))
    .join('');
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20),
  ].join('-');
};

/** Two halves, each an upload with an id of its own; none of what has fewer than two rows. */
export const halvesOf = (upload: Upload): ReadonlyArray<Upload> => {
  const items = itemsOf(upload);
  if (items.length < 2) return [];
  const middle = Math.ceil(items.length / 2);
  return [
    toUpload(partId(upload.batch_id, 'first half'), items.slice(0, middle)),
    toUpload(partId(upload.batch_id, 'second half'), items.slice(middle)),
  ];
};
