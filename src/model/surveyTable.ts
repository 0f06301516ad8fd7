import { table } from './layoutTable.ts';
import type { Place, StandWindow } from './stand.ts';

/** The first line of a survey of these sensors. */
export const surveyHeader = (sensorIds: ReadonlyArray<string>): string =>
  table([['zone_id', 'x', 'y', 'z', 't0', ...sensorIds, ...sensorIds.map((id) => `n_${id}`)]]);

const rounded = (value: number, digits: number): number => Number(value.toFixed(digits));

/** A window as a row of it: mean dBm to a tenth, empty where a sensor heard nothing. */
export const surveyLine = (
  place: Place,
  { t0, levels }: StandWindow,
  sensorIds: ReadonlyArray<string>,
): string =>
  table([
    [
      ...('zone_id' in place ? [place.zone_id, '', ''] : ['', place.x, place.y]),
      place.z,
      rounded(t0, 1),
      ...sensorIds.map((id) => (levels[id] ? rounded(levels[id].dbm, 1) : '')),
      ...sensorIds.map((id) => levels[id]?.count ?? 0),
    ],
  ]);
