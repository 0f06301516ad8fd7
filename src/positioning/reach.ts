import type { Layout, PlacedSensor } from '../model/layout.ts';
import type { Grid } from './grid.ts';
import type { RadioMap } from './radioMap.ts';

/** A phone at this level or above is heard with nearly every frame that it sends, dBm. */
export const WELL_HEARD_DBM = -80;
/** Of the places within its reach a sensor hears at least so many well. */
const MOST = 0.8;

const nearFirst = ({ x, y }: Grid, sensor: PlacedSensor) =>
  Array.from(x.keys())
    .map((cell) => ({
      cell,
      metres: Math.hypot((x[cell] ?? 0) - sensor.x, (y[cell] ?? 0) - sensor.y),
    }))
    .sort((a, b) => a.metres - b.metres);

/** How far away on the floor a sensor still hears an average phone well, metres; 0 where it is not in the map. */
export const reachOf = (grid: Grid, map: RadioMap, sensor: PlacedSensor): number => {
  const levels = map.levels.get(sensor.sensor_id);
  if (levels === undefined) return 0;
  let [well, all, reach] = [0, 0, 0];
  for (const { cell, metres } of nearFirst(grid, sensor)) {
    all += 1;
    if ((levels.mean[cell] ?? Number.NEGATIVE_INFINITY) >= WELL_HEARD_DBM) well += 1;
    if (well / all >= MOST) reach = metres;
  }
  return reach;
};

/** How many sensors hear an average phone well, on average over the zone's cells; zone by zone. */
export const sensorsPerZone = (
  { zones, sensors }: Layout,
  grid: Grid,
  map: RadioMap,
): ReadonlyArray<number> => {
  const wells = zones.map(() => ({ cells: 0, heard: 0 }));
  grid.zone.forEach((zone, cell) => {
    const sum = wells[zone];
    if (sum === undefined) return;
    sum.cells += 1;
    sum.heard += sensors.filter(
      ({ sensor_id }) => (map.levels.get(sensor_id)?.mean[cell] ?? -999) >= WELL_HEARD_DBM,
    ).length;
  });
  return wells.map(({ cells, heard }) => heard / Math.max(cells, 1));
};
