import { type Layout, placedSensors } from '../../model/layout.ts';
import { boundsOf, type Point, zoneBorders } from '../../positioning/zoneBorders.ts';
import { LINE, MUTED, SENSOR, tag, text } from './svg.ts';

/** The longer side of the floor, pixels. */
const LONGEST = 760;
const MARGIN = 24;
/** A sensor's name fits to the right of it, pixels. */
const ROOM = 90;
/** A longer name goes over the zone's border. */
const NAME_CHARS = 20;

/** How a layout is put on paper; the plan's y points up. */
export const floorMap = (layout: Layout) => {
  const bounds = boundsOf(layout);
  const [metresX, metresY] = [bounds.right - bounds.left, bounds.top - bounds.bottom];
  const scale = LONGEST / Math.max(metresX, metresY);
  const at = ({ x, y }: Point) => ({
    x: MARGIN + (x - bounds.left) * scale,
    y: MARGIN + (bounds.top - y) * scale,
  });
  const width = metresX * scale + 2 * MARGIN;
  const height = metresY * scale + 2 * MARGIN;
  const borders = zoneBorders(layout, bounds);

  /** Each zone in its colour. */
  const zones = (colourOf: (zone: number) => string): ReadonlyArray<string> =>
    borders.map((polygon, zone) =>
      tag('polygon', {
        points: polygon
          .map(at)
          .map(({ x, y }) => `${x.toFixed(1)},${y.toFixed(1)}`)
          .join(' '),
        fill: colourOf(zone),
        stroke: LINE,
        'stroke-width': 2,
      }),
    );

  /** Each zone's number and name, and a second line. */
  const labels = (
    said: (zone: number) => string,
    colourOf: (zone: number) => string,
  ): ReadonlyArray<string> =>
    layout.zones.map((zone, index) => {
      const { x, y } = at(zone);
      const anchor = { 'text-anchor': 'middle', fill: colourOf(index) };
      return [
        text(x, y - 3, `${zone.zone_id} ${zone.zone_name.slice(0, NAME_CHARS)}`, {
          ...anchor,
          'font-weight': 600,
        }),
        text(x, y + 12, said(index), { ...anchor, 'font-size': 11 }),
      ].join('');
    });

  const sensors = (): ReadonlyArray<string> =>
    placedSensors(layout).map((sensor) => {
      const { x, y } = at(sensor);
      return [
        tag('circle', { cx: x, cy: y, r: 6, fill: SENSOR, stroke: '#fff', 'stroke-width': 1.5 }),
        text(x + (x > width - ROOM ? -9 : 9), y + 4, sensor.sensor_id, {
          'text-anchor': x > width - ROOM ? 'end' : 'start',
          fill: SENSOR,
          'font-weight': 600,
          stroke: '#fff',
          'stroke-width': 3,
          'paint-order': 'stroke',
        }),
      ].join('');
    });

  /** Five metres, below the floor. */
  const ruler = (): string =>
    tag('path', {
      d: `M${MARGIN} ${height - 10}h${5 * scale}m0-4v8m${-5 * scale}-8v8`,
      stroke: MUTED,
      fill: 'none',
    }) + text(MARGIN + 5 * scale + 6, height - 6, '5 m', { fill: MUTED, 'font-size': 11 });

  return { at, scale, width, height, margin: MARGIN, zones, labels, sensors, ruler };
};
