import type { Layout } from '../model/layout.ts';

/** The floor as square cells, each belonging to the zone whose centre is nearest. */
export interface Grid {
  /** Cell centres, metres. */
  readonly x: Float64Array;
  readonly y: Float64Array;
  /** Index into `layout.zones` of each cell's zone. */
  readonly zone: Int32Array;
}

const MARGIN_M = 1;

const nearestZone = (zones: Layout['zones'], x: number, y: number): number => {
  let nearest = 0;
  let least = Number.POSITIVE_INFINITY;
  zones.forEach((zone, index) => {
    const distance = (zone.x - x) ** 2 + (zone.y - y) ** 2;
    if (distance < least) {
      least = distance;
      nearest = index;
    }
  });
  return nearest;
};

/**
 * Cells of `cellM` metres over the rectangle that holds every zone and sensor, and one cell on
 * each zone's centre, so that a zone squeezed between others still has a place to be in.
 */
export const gridOf = ({ zones, sensors }: Layout, cellM: number): Grid => {
  const xs = [...zones, ...sensors].map((place) => place.x);
  const ys = [...zones, ...sensors].map((place) => place.y);
  const left = Math.min(...xs) - MARGIN_M;
  const bottom = Math.min(...ys) - MARGIN_M;
  const columns = Math.ceil((Math.max(...xs) + MARGIN_M - left) / cellM);
  const rows = Math.ceil((Math.max(...ys) + MARGIN_M - bottom) / cellM);
  const cells = Array.from({ length: columns * rows }, (_, cell) => ({
    x: left + ((cell % columns) + 0.5) * cellM,
    y: bottom + (Math.floor(cell / columns) + 0.5) * cellM,
  })).concat(zones.map(({ x, y }) => ({ x, y })));
  return {
    x: Float64Array.from(cells, (cell) => cell.x),
    y: Float64Array.from(cells, (cell) => cell.y),
    zone: Int32Array.from(cells, (cell) => nearestZone(zones, cell.x, cell.y)),
  };
};
