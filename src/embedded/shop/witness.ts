import type { Carrier } from './cast.ts';
import type { Floor } from './floor.ts';
import type { ShopEvent, Truth } from './truth.ts';

/** Seconds between two records of a carrier that walks, and of one that stands. */
const WALKING_S = 1;
const STANDING_S = 4;

/** Writes down where a carrier is at `ts` (Unix seconds), or nothing if nothing new is to be said. */
export type Witness = (carrier: Carrier, ts: number, event?: ShopEvent) => ReadonlyArray<Truth>;

const centimetres = (metres: number) => Math.round(metres * 100) / 100;

/**
 * A record at every event, at the first step and after a change of address, and else every 1 s
 * (walking) or 4 s (standing): so each reading has a record of its phone within 4 s.
 */
export const witnessOf = (floor: Floor): Witness => {
  const told = new WeakMap<Carrier, { ts: number; phone_id: string; walkedM: number }>();
  return (carrier, ts, event) => {
    const { visitor, kind, walker } = carrier;
    const last = told.get(carrier);
    const phone_id = carrier.phone.id();
    const silenceS = last?.walkedM === walker.walkedM ? STANDING_S : WALKING_S;
    const due = event !== undefined || last?.phone_id !== phone_id || ts - last.ts >= silenceS;
    if (!due) return [];
    told.set(carrier, { ts, phone_id, walkedM: walker.walkedM });
    const where = {
      phone_id,
      ts,
      x: centimetres(walker.at.x),
      y: centimetres(walker.at.y),
      zone_id: kind === 'passerby' ? null : floor.zoneAt(walker.at).zone_id,
      visitor,
      kind,
    };
    return [event === undefined ? where : { ...where, event }];
  };
};
