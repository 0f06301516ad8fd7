import type { SurveyPoint } from '../../model/calibration.ts';
import type { Layout } from '../../model/layout.ts';
import type { ZoneCoverage } from '../../positioning/coverage.ts';
import { floorMap } from './floorMap.ts';
import { INK, MUTED, shade, svg, tag, text } from './svg.ts';

/** A zone with as many windows is known well: two minutes. */
const PLENTY = 24;
const BARE = '#f1e4d8';
const FOOT = 30;

/** Which zones a survey has been in, for how long, and what was heard there: an SVG document. */
export const coverageMap = (
  layout: Layout,
  coverage: ReadonlyArray<ZoneCoverage>,
  points: ReadonlyArray<SurveyPoint>,
): string => {
  const map = floorMap(layout);
  const shareOf = (zone: number): number => Math.min((coverage[zone]?.windows ?? 0) / PLENTY, 1);
  const said = (zone: number): string => {
    const { windows = 0, heard } = coverage[zone] ?? {};
    return windows === 0
      ? 'not surveyed'
      : `${windows} windows · ${heard?.size ?? 0}/${layout.sensors.length} sensors`;
  };
  const colour = (zone: number): string =>
    shareOf(zone) === 0 ? BARE : shade(0.2 + 0.8 * shareOf(zone));
  const dots = points.map((point) => {
    const { x, y } = map.at(point);
    return tag('circle', { cx: x, cy: y, r: 3, fill: INK, stroke: '#fff' });
  });
  const surveyed = coverage.filter(({ windows }) => windows > 0).length;
  return svg(map.width, map.height + FOOT, 'What of the shop is surveyed', [
    ...map.zones(colour),
    ...dots,
    ...map.labels(said, (zone) => (shareOf(zone) > 0.6 ? '#fff' : INK)),
    ...map.sensors(),
    map.ruler(),
    text(
      map.margin,
      map.height + 14,
      `${surveyed} of ${coverage.length} zones surveyed · a window is 5 s · dots: where the phone was held`,
      { fill: MUTED },
    ),
  ]);
};
