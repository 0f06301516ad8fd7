import * as t from 'io-ts';

export const Kind = t.keyof({ shopper: null, staff: null, fixed: null, passerby: null });
export type Kind = t.TypeOf<typeof Kind>;

export const ShopEvent = t.keyof({ enter: null, pay: null, leave: null });
export type ShopEvent = t.TypeOf<typeof ShopEvent>;

/**
 * Where a phone really was at `ts` (Unix seconds): `x`, `y` in metres, `zone_id` of the nearest
 * centre, null on the street. `visitor` numbers the carriers from 1, so a phone that changes its
 * address keeps its visitor. `event`: what the carrier did at that moment, if anything.
 */
export const Truth = t.intersection(
  [
    t.strict({
      phone_id: t.string,
      ts: t.number,
      x: t.number,
      y: t.number,
      zone_id: t.union([t.number, t.null]),
      visitor: t.number,
      kind: Kind,
    }),
    t.exact(t.partial({ event: ShopEvent })),
  ],
  'Truth',
);
export type Truth = t.TypeOf<typeof Truth>;
