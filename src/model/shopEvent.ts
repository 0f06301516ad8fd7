import type { Assignment } from './assignment.ts';
import type { Infrastructure } from './infrastructure.ts';
import type { Dwell, Visit, ZoneTransition } from './movement.ts';

/** What following a phone through the shop tells beyond where it is. */
export type Movement =
  | { readonly _tag: 'Transition'; readonly value: ZoneTransition }
  | { readonly _tag: 'Dwell'; readonly value: Dwell }
  | { readonly _tag: 'Visit'; readonly value: Visit };

/** Everything that is saved, and in part uploaded, about a phone in the shop. */
export type ShopEvent =
  | { readonly _tag: 'Assignment'; readonly value: Assignment }
  | { readonly _tag: 'Infrastructure'; readonly value: Infrastructure }
  | Movement;

export type ShopEventOf<Tag extends ShopEvent['_tag']> = Extract<ShopEvent, { readonly _tag: Tag }>;

export const isShopEvent =
  <Tag extends ShopEvent['_tag']>(...tags: ReadonlyArray<Tag>) =>
  (event: ShopEvent): event is ShopEventOf<Tag> =>
    tags.some((tag) => tag === event._tag);
