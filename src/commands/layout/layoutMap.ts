import { isPlaced, type Layout, placedSensors } from '../../model/layout.ts';
import { WELL_HEARD_DBM } from '../../positioning/reach.ts';
import { floorMap } from './floorMap.ts';
import { INK, MUTED, SENSOR, shade, svg, tag, text } from './svg.ts';

/** What is known of a layout before anybody walks in it. */
export interface Expectation {
  /** Row by row: how probably a phone in the row's zone is given to the column's; empty: not known. */
  readonly confusion: ReadonlyArray<Float64Array>;
  /** By sensor that hangs somewhere, metres. */
  readonly reach: ReadonlyArray<number>;
  /** Pairs of zones, by index, that the sensors can hardly tell apart. */
  readonly confused: ReadonlyArray<readonly [number, number]>;
  /** Whether a survey stands behind it. */
  readonly isSurveyed: boolean;
}

const CELL = 19;
const WARNING = '#b91c1c';
/** The share at which the colours are strongest. */
const FULL = 0.8;

const percent = (share: number): string => `${Math.round(share * 100)} %`;

/** The confusion as a table of squares, `left` and `top` in pixels. */
const matrix = (
  { zones }: Layout,
  { confusion }: Expectation,
  left: number,
  top: number,
): ReadonlyArray<string> => [
  text(left, top - 34, 'Where a phone would be placed, %', { 'font-weight': 600, 'font-size': 13 }),
  text(left, top - 18, 'row: its zone · column: the zone that it is given', { fill: MUTED }),
  ...zones.flatMap(({ zone_id }, index) => [
    text(left + 20 + (index + 0.5) * CELL, top + 12, String(zone_id), {
      'text-anchor': 'middle',
      fill: MUTED,
      'font-size': 10,
    }),
    text(left + 14, top + 20 + (index + 0.5) * CELL + 4, String(zone_id), {
      'text-anchor': 'end',
      fill: MUTED,
      'font-size': 10,
    }),
  ]),
  ...confusion.flatMap((row, zone) =>
    Array.from(row).map((share, column) => {
      const [x, y] = [left + 20 + column * CELL, top + 20 + zone * CELL];
      return [
        tag('rect', { x, y, width: CELL - 1, height: CELL - 1, fill: shade(share / FULL) }),
        share < 0.05
          ? ''
          : text(x + CELL / 2 - 0.5, y + 13, String(Math.round(share * 100)), {
              'text-anchor': 'middle',
              'font-size': 9,
              fill: share > FULL / 2 ? '#fff' : INK,
            }),
      ].join('');
    }),
  ),
];

interface Said {
  readonly said: string;
  readonly colour: string;
}

/** A side list's row, pixels, and how many sensors fit into it. */
const ROW = 18;
const ROW_SENSORS = 5;

/** Sensors that have no place on the map. */
const unplaced = ({ sensors }: Layout): ReadonlyArray<Said> => {
  const ids = sensors.filter((sensor) => !isPlaced(sensor)).map(({ sensor_id }) => sensor_id);
  const rows = Array.from({ length: Math.ceil(ids.length / ROW_SENSORS) }, (_, row) =>
    ids.slice(row * ROW_SENSORS, (row + 1) * ROW_SENSORS).join(', '),
  );
  return rows.length === 0
    ? []
    : ['sensors of which nobody knows where they hang:', ...rows].map((said) => ({
        ...{ said, colour: SENSOR },
      }));
};

/** What is told beside the map, a row each. */
const beside = (layout: Layout, { confused }: Expectation): ReadonlyArray<Said> => [
  ...confused.map(([one, other]) => ({
    said: `hard to tell apart: ${layout.zones[one]?.zone_name} and ${layout.zones[other]?.zone_name}`,
    colour: WARNING,
  })),
  ...unplaced(layout),
];

const legend = (layout: Layout, { confusion, isSurveyed }: Expectation): string =>
  [
    confusion.length === 0
      ? 'Zones: each place belongs to the nearest centre; what can be told apart is not known'
      : `Blue: how often one window of 5 s would be placed right, ${isSurveyed ? 'by the survey' : 'without a survey'}`,
    ...(placedSensors(layout).length === 0
      ? []
      : [`rings: heard at ${WELL_HEARD_DBM} dBm or more`.replace('-', '−')]),
  ].join(' · ');

/** Zones and sensors, what the sensors are expected to tell apart, and how far they reach: an SVG document. */
export const layoutMap = (layout: Layout, expectation: Expectation): string => {
  const { confusion, reach, confused } = expectation;
  const isKnown = confusion.length > 0;
  const map = floorMap(layout);
  const right = (zone: number): number => confusion[zone]?.[zone] ?? 0;
  const rings = placedSensors(layout).map((sensor, index) => {
    const { x, y } = map.at(sensor);
    return tag('circle', {
      ...{ cx: x, cy: y, r: (reach[index] ?? 0) * map.scale, fill: 'none' },
      ...{ stroke: SENSOR, 'stroke-opacity': 0.55, 'stroke-dasharray': '3 5' },
    });
  });
  const bridges = confused.map(([one, other]) => {
    const ends = [layout.zones[one], layout.zones[other]].flatMap((zone) =>
      zone === undefined ? [] : [map.at(zone)],
    );
    const [from = { x: 0, y: 0 }, to = from] = ends;
    return tag('line', {
      ...{ x1: from.x, y1: from.y, x2: to.x, y2: to.y, stroke: WARNING },
      ...{ 'stroke-width': 14, 'stroke-opacity': 0.35, 'stroke-linecap': 'round' },
    });
  });
  const squares = isKnown ? 20 + layout.zones.length * CELL : 0;
  const rows = beside(layout, expectation);
  const rowsTop = isKnown ? 114 + squares : 74;
  const height = Math.max(map.height + 34, rowsTop + rows.length * ROW + 16);
  const side = map.width + 10;
  const clip = tag(
    'clipPath',
    { id: 'floor' },
    tag('rect', {
      ...{ x: map.margin, y: map.margin },
      ...{ width: map.width - 2 * map.margin, height: map.height - 2 * map.margin },
    }),
  );
  return svg(
    side + Math.max(squares, 300) + 24,
    height,
    'Zones, sensors and what they can tell apart',
    [
      clip,
      ...map.zones((zone) => shade(right(zone) / FULL)),
      tag('g', { 'clip-path': 'url(#floor)' }, rings.join('')),
      ...bridges,
      ...map.labels(
        (zone) => (isKnown ? `${percent(right(zone))} right` : ''),
        (zone) => (right(zone) > FULL / 2 ? '#fff' : INK),
      ),
      ...map.sensors(),
      map.ruler(),
      text(map.margin, map.height + 16, legend(layout, expectation), { fill: MUTED }),
      ...(isKnown ? matrix(layout, expectation, side, 74) : []),
      ...rows.map(({ said, colour }, index) =>
        text(side, rowsTop + index * ROW, said, { fill: colour }),
      ),
    ],
  );
};
