import { type Layout, placedSensors } from '../model/layout.ts';

/**
 * The floor as square cells, each belonging to the zone whose centre is nearest, and the blocks of
 * 2 × 2 cells in which a phone's whereabouts are remembered, row by row from the lower left.
 */
export interface Grid {
  /** Cell centres, metres. */
  readonly x: Float64Array;
  readonly y: Float64Array;
  /** Index into `layout.zones` of each cell's zone. */
  readonly zone: Int32Array;
  /** How many cells each zone has. */
  readonly zoneCells: Int32Array;
  /** The first `columns` × `rows` cells lie side by side, row by row. */
  readonly columns: number;
  readonly rows: number;
  /** Index of each cell's block. */
  readonly block: Int32Array;
  readonly blockM: number;
  readonly blockColumns: number;
  readonly blockRows: number;
}

/** Phones stand outside the outermost zone centres and sensors, too. */
const MARGIN_M = 1;
/** The cell of a shop's floor, metres; larger floors get larger cells rather than more of them. */
const CELL_M = 0.8;
const MOST_CELLS = 2_000;

/** Index of the zone whose centre is nearest. */
export const nearestZone = (zones: Layout['zones'], x: number, y: number): number => {
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

const extent = (layout: Layout) => {
  const places = [...layout.zones, ...placedSensors(layout)];
  const xs = places.map(({ x }) => x);
  const ys = places.map(({ y }) => y);
  const left = Math.min(...xs) - MARGIN_M;
  const bottom = Math.min(...ys) - MARGIN_M;
  return {
    left,
    bottom,
    width: Math.max(...xs) + MARGIN_M - left,
    height: Math.max(...ys) + MARGIN_M - bottom,
  };
};

/** {@link CELL_M}, or what keeps a large floor within {@link MOST_CELLS}. */
export const cellSizeOf = (layout: Layout): number => {
  const { width, height } = extent(layout);
  return Math.max(CELL_M, Math.sqrt((width * height) / MOST_CELLS), (width + height) / MOST_CELLS);
};

/**
 * Cells of `cellM` metres over the rectangle that holds every zone and placed sensor with a margin, and
 * one cell on the centre of each zone that would be left without any.
 */
export const gridOf = (layout: Layout, cellM: number = cellSizeOf(layout)): Grid => {
  const { zones } = layout;
  const { left, bottom, width, height } = extent(layout);
  const columns = Math.ceil(width / cellM);
  const rows = Math.ceil(height / cellM);
  const regular = Array.from({ length: columns * rows }, (_, cell) => {
    const x = left + ((cell % columns) + 0.5) * cellM;
    const y = bottom + (Math.floor(cell / columns) + 0.5) * cellM;
    return { x, y, zone: nearestZone(zones, x, y) };
  });
  const placed = new Set(regular.map(({ zone }) => zone));
  const squeezed = zones.flatMap(({ x, y }, zone) => (placed.has(zone) ? [] : [{ x, y, zone }]));
  const cells = [...regular, ...squeezed];
  const blockM = 2 * cellM;
  const blockColumns = Math.ceil(columns / 2);
  const blockOf = ({ x, y }: { readonly x: number; readonly y: number }): number =>
    Math.floor((y - bottom) / blockM) * blockColumns + Math.floor((x - left) / blockM);
  return {
    x: Float64Array.from(cells, (cell) => cell.x),
    y: Float64Array.from(cells, (cell) => cell.y),
    zone: Int32Array.from(cells, (cell) => cell.zone),
    zoneCells: Int32Array.from(
      zones,
      (_, index) => cells.filter(({ zone }) => zone === index).length,
    ),
    columns,
    rows,
    block: Int32Array.from(cells, blockOf),
    blockM,
    blockColumns,
    blockRows: Math.ceil(rows / 2),
  };
};

/** Whether two zones, by index, have a border: somewhere their cells lie side by side. */
export const areNeighbours = ({
  zone,
  columns,
  rows,
}: Grid): ((a: number, b: number) => boolean) => {
  const borders = new Set<string>();
  for (let cell = 0; cell < columns * rows; cell += 1)
    for (const next of [(cell + 1) % columns === 0 ? cell : cell + 1, cell + columns]) {
      const [own, other] = [zone[cell], next < columns * rows ? zone[next] : undefined];
      if (own !== other && other !== undefined)
        borders.add(`${own} ${other}`).add(`${other} ${own}`);
    }
  return (a, b) => borders.has(`${a} ${b}`);
};
