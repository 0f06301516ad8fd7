import type { SurveyPoint } from '../model/calibration.ts';
import type { Layout, Zone } from '../model/layout.ts';
import { nearestZone } from './grid.ts';

/** What a survey knows of a zone. */
export interface ZoneCoverage {
  readonly zone: Zone;
  readonly places: number;
  /** Of 5 s. */
  readonly windows: number;
  /** Sensors that heard the phone there, by id; dBm at the place where it was loudest. */
  readonly heard: ReadonlyMap<string, number>;
}

/** Zone by zone, in the layout's order; a place belongs to the zone whose centre is nearest. */
export const coverageOf = (
  { zones }: Layout,
  points: ReadonlyArray<SurveyPoint>,
): ReadonlyArray<ZoneCoverage> => {
  const found = zones.map(() => ({ places: 0, windows: 0, heard: new Map<string, number>() }));
  for (const { x, y, windows, levels } of points) {
    const zone = found[nearestZone(zones, x, y)];
    if (zone === undefined) continue;
    zone.places += 1;
    zone.windows += windows;
    for (const [id, dbm] of Object.entries(levels))
      zone.heard.set(id, Math.max(dbm, zone.heard.get(id) ?? dbm));
  }
  return zones.flatMap((zone, index) => {
    const coverage = found[index];
    return coverage === undefined ? [] : [{ zone, ...coverage }];
  });
};
