import type { Layout } from '../../model/layout.ts';
import type { Place } from '../../model/stand.ts';

const metres = (text: string): number | undefined => {
  const value = Number(text);
  return text.trim() !== '' && Number.isFinite(value) && Math.abs(value) <= 10_000
    ? value
    : undefined;
};

/** Reads `7` as a zone of the layout and `3.5,7.2` as metres; a text says what is wrong. */
export const readPlace = ({ zones }: Layout, text: string, z: number): Place | string => {
  const [first = '', second, ...more] = text.split(',');
  if (second !== undefined) {
    const [x, y] = [metres(first), metres(second)];
    return x === undefined || y === undefined || more.length > 0
      ? 'give metres as x,y, such as 3.5,7.2'
      : { x, y, z };
  }
  const zone = zones.find(({ zone_id }) => String(zone_id) === first.trim());
  return zone === undefined
    ? `there is no zone ${first.trim()}: give one of ${zones.map(({ zone_id }) => zone_id).join(', ')}, or x,y in metres`
    : { zone_id: zone.zone_id, z };
};
