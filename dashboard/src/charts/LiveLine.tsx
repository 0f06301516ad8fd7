import { scaleLinear } from 'd3-scale';
import { area, curveStepAfter, line } from 'd3-shape';
import type { LivePoint } from '../model/live.ts';

interface LiveLineProps {
  readonly points: ReadonlyArray<LivePoint>;
  readonly width: number;
  readonly height?: number;
  readonly spanMs: number;
  readonly clock: (at: number) => string;
}

const SPACE = { top: 10, right: 10, bottom: 24, left: 34 };
const LINES = 3;
const MINUTE_MS = 60_000;
const TICKS = 4;

/** Whole minutes in the span, oldest first: each its own, and not too many. */
const minutesIn = (from: number, to: number): ReadonlyArray<number> => {
  const step = Math.max(1, Math.ceil((to - from) / MINUTE_MS / TICKS)) * MINUTE_MS;
  const first = Math.ceil(from / step) * step;
  return Array.from({ length: Math.floor((to - first) / step) + 1 }, (_, i) => first + i * step);
};

/** How many were there, up to the last point. */
export const LiveLine = ({ points, width, height = 190, spanMs, clock }: LiveLineProps) => {
  const end = points.at(-1)?.at ?? 0;
  const most = Math.max(1, ...points.map(({ total }) => total));
  const x = scaleLinear([end - spanMs, end], [SPACE.left, width - SPACE.right]);
  const y = scaleLinear([0, most], [height - SPACE.bottom, SPACE.top]).nice(LINES);
  const shape = { x: ({ at }: LivePoint) => x(at), y: ({ total }: LivePoint) => y(total) };
  const stroke = line<LivePoint>(shape.x, shape.y).curve(curveStepAfter)(points);
  const fill = area<LivePoint>(shape.x, y(0), shape.y).curve(curveStepAfter)(points);
  const last = points.at(-1);
  return (
    <svg className="chart live-line" width={width} height={height} aria-hidden="true">
      {y
        .ticks(LINES)
        .filter(Number.isInteger)
        .map((tick) => (
          <g key={tick} transform={`translate(0 ${y(tick)})`}>
            <line className="grid" x1={SPACE.left} x2={width - SPACE.right} />
            <text className="tick" x={SPACE.left - 8} dy="0.32em" textAnchor="end">
              {tick}
            </text>
          </g>
        ))}
      {minutesIn(end - spanMs, end).map((at) => (
        <text
          key={at}
          className="tick"
          x={Math.max(SPACE.left + 14, Math.min(x(at), width - SPACE.right - 14))}
          y={height - 6}
          textAnchor="middle"
        >
          {clock(at)}
        </text>
      ))}
      {fill && <path className="live-area" d={fill} />}
      {stroke && <path className="live-stroke" d={stroke} />}
      {last && <circle className="live-end" cx={x(last.at)} cy={y(last.total)} r="4" />}
    </svg>
  );
};
