/** What others do, for comparison only: each window by itself, with no idea of how sure it is. */
import type { Calibration } from '../../src/model/calibration.ts';
import { type Layout, type PlacedSensor, placedSensors } from '../../src/model/layout.ts';
import type { Classifier, Evidence } from '../../src/positioning/classifier.ts';
import { gridOf, nearestZone } from '../../src/positioning/grid.ts';

interface Point {
  readonly x: number;
  readonly y: number;
}

/** dBm at one metre and the exponent that are usually assumed. */
const AT_ONE_METRE = -59;
const metresOf = (dbm: number, exponent: number): number =>
  10 ** ((AT_ONE_METRE - dbm) / (10 * exponent));

const pointwise = (
  layout: Layout,
  place: (heard: ReadonlyArray<{ sensor: PlacedSensor; dbm: number }>, evidence: Evidence) => Point,
): Classifier => ({
  beliefExpiryMs: 0,
  locate: (evidence) => {
    const heard = placedSensors(layout).flatMap((sensor) => {
      const dbm = evidence.vector[sensor.sensor_id];
      return dbm === undefined ? [] : [{ sensor, dbm }];
    });
    const { x, y } = place(heard, evidence);
    const zone_id = layout.zones[nearestZone(layout.zones, x, y)]?.zone_id ?? 0;
    const estimate = { zone_id, runner_up: null, confidence: 1, margin: 1, x, y };
    return { estimate, belief: null };
  },
});

export const nearestSensor = (layout: Layout): Classifier =>
  pointwise(
    layout,
    (heard) => heard.reduce((best, next) => (next.dbm > best.dbm ? next : best)).sensor,
  );

/** Weights 1/d², d by the usual exponent. */
export const weightedCentroid = (layout: Layout): Classifier =>
  pointwise(layout, (heard) => {
    const weights = heard.map(({ dbm }) => metresOf(dbm, 2.7) ** -2);
    const all = weights.reduce((sum, weight) => sum + weight, 0);
    const mean = (of: (sensor: PlacedSensor) => number) =>
      heard.reduce((sum, { sensor }, index) => sum + of(sensor) * (weights[index] ?? 0), 0) / all;
    return { x: mean(({ x }) => x), y: mean(({ y }) => y) };
  });

/** The point whose distances fit best: least squares of log distances, over half-metre cells. */
export const multilateration = (layout: Layout): Classifier => {
  const grid = gridOf(layout);
  return pointwise(layout, (heard) => {
    let [best, least] = [0, Number.POSITIVE_INFINITY];
    const wanted = heard.map(({ dbm }) => Math.log(metresOf(dbm, 2.7)));
    for (let cell = 0; cell < grid.x.length; cell += 1) {
      let misfit = 0;
      heard.forEach(({ sensor }, index) => {
        const away = Math.hypot((grid.x[cell] ?? 0) - sensor.x, (grid.y[cell] ?? 0) - sensor.y);
        misfit += (Math.log(Math.max(away, 0.5)) - (wanted[index] ?? 0)) ** 2;
      });
      if (misfit < least) [best, least] = [cell, misfit];
    }
    return { x: grid.x[best] ?? 0, y: grid.y[best] ?? 0 };
  });
};

const NEIGHBOURS = 5;
const NOT_HEARD = -100;

/** The mean of the surveyed places that were heard most alike; what is not heard counts as −100 dBm. */
export const nearestNeighbours = (layout: Layout, { points }: Calibration): Classifier =>
  pointwise(layout, (_heard, { vector }) => {
    const unlike = points.map((point) =>
      layout.sensors.reduce(
        (sum, { sensor_id: id }) =>
          sum + ((vector[id] ?? NOT_HEARD) - (point.levels[id] ?? NOT_HEARD)) ** 2,
        0,
      ),
    );
    const nearest = [...points.keys()]
      .sort((a, b) => (unlike[a] ?? 0) - (unlike[b] ?? 0))
      .slice(0, NEIGHBOURS);
    const mean = (of: (index: number) => number) =>
      nearest.reduce((sum, index) => sum + of(index), 0) / nearest.length;
    return { x: mean((at) => points[at]?.x ?? 0), y: mean((at) => points[at]?.y ?? 0) };
  });
