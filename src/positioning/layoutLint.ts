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

const doubles = (places: ReadonlyArray<Placed>): ReadonlyArray<string> =>
  places.flatMap((place, index) =>
    places
      .slice(index + 1)
      .filter(({ x, y }) => Math.hypot(x - place.x, y - place.y) < SAME_PLACE_M)
      .map(({ name }) => `${place.name} and ${name} are at the same place`),
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

/** What is wrong with where zones and sensors are, in words; empty where nothing is. */
export const lintLayout = (layout: Layout, mapOf: (grid: Grid) => RadioMap): string[] => {
  const grid = gridOf(layout);
  const nameOf = (zone: number): string => {
    const found = layout.zones[zone];
    return found === undefined ? '' : `zone ${found.zone_id} (${found.zone_name})`;
  };
  const zones = layout.zones.map(({ x, y }, index) => ({ name: nameOf(index), x, y }));
  const sensors = placedSensors(layout).map(({ sensor_id: name, x, y }) => ({ name, x, y }));
  return [
    ...doubles(zones),
    ...doubles(sensors),
    ...sensorProblems(layout),
    ...confusedPairs(expectedConfusion(layout, mapOf(grid), grid)).map(
      ([one, other]) => `the sensors can hardly tell ${nameOf(one)} from ${nameOf(other)}`,
    ),
  ];
};
