import { either as E } from 'fp-ts';
import type { Layout, Zone } from '../../model/layout.ts';
import type { Levels, Place } from '../../model/stand.ts';
import { type Steadiness, steadinessOf } from '../../model/steadiness.ts';
import { numberIn, readLines } from '../../model/table.ts';
import { nearestZone } from '../../positioning/grid.ts';

/** What is known of each zone, in the layout's order, while windows are added. */
export interface ZoneProgress {
  readonly add: (place: Place, levels: Levels) => void;
  /** Of the zone in which a place lies. */
  readonly at: (place: Place) => { readonly zone: Zone; readonly steadiness: Steadiness };
  /** Zones that need more, nearest to `from` first: those are the fewest steps. */
  readonly left: (from?: Place) => ReadonlyArray<Zone>;
  /** Standing in all of them, at least. */
  readonly secondsLeft: () => number;
}

const WINDOW_S = 5;

const placeIn = (record: Readonly<Record<string, string>>): Place | undefined => {
  const [x, y, zone_id] = ['x', 'y', 'zone_id'].map((name) => numberIn(record[name]));
  if (x !== undefined && y !== undefined) return { x, y, z: 0 };
  return zone_id === undefined ? undefined : { zone_id, z: 0 };
};

const levelsIn = (record: Readonly<Record<string, string>>, ids: ReadonlyArray<string>): Levels =>
  Object.fromEntries(
    ids.flatMap((id) => {
      const dbm = numberIn(record[id]);
      return dbm === undefined ? [] : [[id, { dbm, count: 1 }] as const];
    }),
  );

/** Begins with what the survey's file holds already; what cannot be read counts as nothing. */
export const zoneProgress = ({ zones, sensors }: Layout, text: string): ZoneProgress => {
  const windows = zones.map((): Levels[] => []);
  const indexOf = (place: Place): number =>
    'zone_id' in place
      ? zones.findIndex(({ zone_id }) => zone_id === place.zone_id)
      : nearestZone(zones, place.x, place.y);
  const add = (place: Place, levels: Levels): void => void windows[indexOf(place)]?.push(levels);
  const ids = sensors.map(({ sensor_id }) => sensor_id);
  const lines = readLines('survey', text);
  for (const { record } of E.isRight(lines) ? lines.right : []) {
    const place = placeIn(record);
    if (place !== undefined) add(place, levelsIn(record, ids));
  }
  const steadiness = (index: number): Steadiness => steadinessOf(windows[index] ?? []);
  const left = (from?: Place): ReadonlyArray<Zone> => {
    const start = from === undefined ? undefined : zones[indexOf(from)];
    const away = ({ x, y }: Zone): number =>
      start === undefined ? 0 : Math.hypot(x - start.x, y - start.y);
    return zones
      .filter((_, index) => !steadiness(index).isEnough)
      .sort((a, b) => away(a) - away(b));
  };
  return {
    add,
    at: (place) => {
      const index = indexOf(place);
      const zone = zones[index];
      if (zone === undefined) throw new Error('a place outside of every zone');
      return { zone, steadiness: steadiness(index) };
    },
    left,
    secondsLeft: () =>
      zones.reduce((sum, _, index) => sum + WINDOW_S * steadiness(index).missing, 0),
  };
};
