import { type Layout, type PlacedSensor, placedSensors } from '../model/layout.ts';
import { zonePosterior } from './estimate.ts';
import { type Grid, gridOf } from './grid.ts';
import { placeOnce } from './gridClassifier.ts';
import type { RadioMap } from './radioMap.ts';

/** What a window holds of a phone that is well heard, for want of a better guess. */
const READINGS = 4;
/** Each zone is tried from at most so many of its cells. */
const TRIED_CELLS = 12;
/** A zone is confused with another that is found at least so often for each time that it is. */
const CONFUSED = 0.6;
const SAME_PLACE_M = 0.25;
/** A line of problems names so many. */
const NAMED = 8;
/** Sensors that lie within this of a line, metres, cannot tell its one side from the other. */
const LINE_M = 1;
/** Zones are found from sensors around them; with fewer than this there is no around. */
const FEWEST_SENSORS = 3;

/** What a phone in `cell` is expected to be heard like. */
const expectedAt = (map: RadioMap, cell: number) => {
  const ids = [...map.levels.keys()];
  return {
    vector: Object.fromEntries(ids.map((id) => [id, map.levels.get(id)?.mean[cell] ?? 0])),
    counts: Object.fromEntries(ids.map((id) => [id, READINGS])),
    silent: [],
    window_start: 0,
    ts: 0,
  };
};

const posteriorAt = (layout: Layout, grid: Grid, map: RadioMap, cell: number): Float64Array =>
  zonePosterior(grid, layout.zones.length, placeOnce(grid, map, expectedAt(map, cell)));

/** Evenly from all over the zone. */
const cellsOf = (grid: Grid, zone: number): ReadonlyArray<number> => {
  const cells = Array.from(grid.zone.keys()).filter((cell) => grid.zone[cell] === zone);
  const step = Math.max(cells.length / TRIED_CELLS, 1);
  return Array.from(
    { length: Math.min(TRIED_CELLS, cells.length) },
    (_, index) => cells[Math.floor((index + 0.5) * step)] ?? 0,
  );
};

/** Row by row: the probability that a phone in the row's zone is given to the column's. */
export const expectedConfusion = (
  layout: Layout,
  map: RadioMap,
  grid: Grid,
): ReadonlyArray<Float64Array> =>
  layout.zones.map((_, zone) => {
    const posteriors = cellsOf(grid, zone).map((cell) => posteriorAt(layout, grid, map, cell));
    return new Float64Array(layout.zones.length).map(
      (_value, column) =>
        posteriors.reduce((sum, posterior) => sum + (posterior[column] as number), 0) /
        posteriors.length,
    );
  });

/** Pairs of zones, by index, that the sensors can hardly tell apart. */
export const confusedPairs = (
  confusion: ReadonlyArray<Float64Array>,
): ReadonlyArray<readonly [number, number]> =>
  confusion.flatMap((row, zone) =>
    Array.from(row.keys())
      .filter((other) => other > zone)
      .filter((other) => {
        const share = (of: number, as: number) =>
          (confusion[of]?.[as] ?? 0) / (confusion[of]?.[of] ?? 1);
        return (share(zone, other) + share(other, zone)) / 2 > CONFUSED;
      })
      .map((other) => [zone, other] as const),
  );

interface Placed {
  readonly name: string;
  readonly x: number;
  readonly y: number;
}

/** Places within {@link SAME_PLACE_M} of the first of them, together. */
const together = (places: ReadonlyArray<Placed>): ReadonlyArray<ReadonlyArray<Placed>> => {
  const groups: Placed[][] = [];
  for (const place of places) {
    const near = groups.find(
      ([first]) => first && Math.hypot(first.x - place.x, first.y - place.y) < SAME_PLACE_M,
    );
    if (near === undefined) groups.push([place]);
    else near.push(place);
  }
  return groups;
};

/** One line for all of a kind; the first few are named. */
const oneLine = (says: string, what: ReadonlyArray<string>): ReadonlyArray<string> => {
  const more = what.length - NAMED;
  return what.length === 0
    ? []
    : [`${says}: ${what.slice(0, NAMED).join('; ')}${more > 0 ? `; and ${more} more` : ''}`];
};

const doubles = (kind: string, places: ReadonlyArray<Placed>): ReadonlyArray<string> =>
  oneLine(
    `${kind} at the same place`,
    together(places)
      .filter((group) => group.length > 1)
      .map((group) => group.map(({ name }) => name).join(', ')),
  );

/** Standard deviation across the line that fits the sensors best, metres. */
const acrossLine = (sensors: ReadonlyArray<PlacedSensor>): number => {
  const mean = (of: (sensor: PlacedSensor) => number) =>
    sensors.reduce((sum, sensor) => sum + of(sensor), 0) / sensors.length;
  const [x, y] = [mean((sensor) => sensor.x), mean((sensor) => sensor.y)];
  const xx = mean((sensor) => (sensor.x - x) ** 2);
  const yy = mean((sensor) => (sensor.y - y) ** 2);
  const xy = mean((sensor) => (sensor.x - x) * (sensor.y - y));
  return Math.sqrt(Math.max((xx + yy) / 2 - Math.hypot((xx - yy) / 2, xy), 0));
};

const sensorProblems = (layout: Layout): ReadonlyArray<string> => {
  const { sensors } = layout;
  const placed = placedSensors(layout);
  if (sensors.length < FEWEST_SENSORS)
    return [
      `${sensors.length} sensors cannot place a phone: at least ${FEWEST_SENSORS} are needed`,
    ];
  return placed.length > 0 && acrossLine(placed) < LINE_M
    ? ['all sensors hang in one line: they cannot tell its one side from the other']
    : [];
};

/** Whether it is known of anybody where he is heard how: by a survey, or by where sensors hang. */
const isKnown = ({ levels }: RadioMap): boolean => levels.size > 0;

/** What is wrong with where zones and sensors are, a line a kind; empty where nothing is. */
export const lintLayout = (layout: Layout, mapOf: (grid: Grid) => RadioMap): string[] => {
  const grid = gridOf(layout);
  const map = mapOf(grid);
  const nameOf = (index: number): string => {
    const { zone_id, zone_name } = layout.zones[index] ?? { zone_id: 0, zone_name: '' };
    return zone_name === `Zone ${zone_id}` ? `zone ${zone_id}` : `zone ${zone_id} (${zone_name})`;
  };
  const zones = layout.zones.map(({ x, y }, index) => ({ name: nameOf(index), x, y }));
  const sensors = placedSensors(layout).map(({ sensor_id: name, x, y }) => ({ name, x, y }));
  const confused = isKnown(map) ? confusedPairs(expectedConfusion(layout, map, grid)) : [];
  return [
    ...doubles('zones', zones),
    ...doubles('sensors', sensors),
    ...sensorProblems(layout),
    ...oneLine(
      'the sensors can hardly tell apart',
      confused.map(([one, other]) => `${nameOf(one)} from ${nameOf(other)}`),
    ),
  ];
};
