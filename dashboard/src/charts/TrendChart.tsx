import { scaleBand, scaleLinear } from 'd3-scale';
import { curveMonotoneX, line } from 'd3-shape';
import { useState } from 'react';

export interface TrendBar {
  readonly key: string;
  /** Under the bar; may be left empty. */
  readonly tick: string;
  /** What the bar is called in full. */
  readonly name: string;
  readonly value: number;
  readonly before: number | undefined;
  /** Has not come yet. */
  readonly isAhead: boolean;
}

interface TrendChartProps {
  readonly bars: ReadonlyArray<TrendBar>;
  readonly width: number;
  readonly height?: number;
  readonly format: (value: number) => string;
  /** Lines lie at multiples of this: minutes are no multiples of ten seconds. */
  readonly unit?: number;
  readonly nowLabel: string;
  /** Without it, there is no period before. */
  readonly beforeLabel?: string;
}

const SPACE = { top: 12, right: 4, bottom: 26, left: 44 };
const GRID_LINE_PX = 65;
const TIP = { width: 148, height: 62, shortHeight: 46 };

/** Bars of a period over the line of the one before. Decoration for who cannot see it. */
export const TrendChart = (props: TrendChartProps) => {
  const { bars, width, height = 260, format, unit = 1 } = props;
  const [pointed, setPointed] = useState<number>();
  const gridLines = Math.max(2, Math.round(height / GRID_LINE_PX));
  const most = Math.max(1, ...bars.flatMap(({ value, before = 0 }) => [value, before]));
  const x = scaleBand<string>()
    .domain(bars.map(({ key }) => key))
    .range([SPACE.left, width - SPACE.right])
    .padding(bars.length > 12 ? 0.28 : 0.4);
  const counted = scaleLinear()
    .domain([0, Math.max(1, most / unit)])
    .nice(gridLines);
  const y = counted
    .copy()
    .domain(counted.domain().map((end) => end * unit))
    .range([height - SPACE.bottom, SPACE.top]);
  const middle = (key: string) => (x(key) ?? 0) + x.bandwidth() / 2;
  const known = bars.filter(({ before }) => before !== undefined);
  const ghost = line<TrendBar>()
    .x(({ key }) => middle(key))
    .y(({ before = 0 }) => y(before))
    .curve(curveMonotoneX)(known);
  const tip = pointed === undefined ? undefined : bars[pointed];
  return (
    <svg
      className="chart trend"
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      aria-hidden="true"
      onPointerLeave={() => setPointed(undefined)}
    >
      {counted
        .ticks(gridLines)
        .filter(Number.isInteger)
        .map((tick) => tick * unit)
        .map((tick) => (
          <g key={tick} transform={`translate(0 ${y(tick)})`}>
            <line className="grid" x1={SPACE.left} x2={width - SPACE.right} />
            <text className="tick" x={SPACE.left - 8} dy="0.32em" textAnchor="end">
              {format(tick)}
            </text>
          </g>
        ))}
      {bars.map((bar, index) => (
        <g key={bar.key} onPointerEnter={() => setPointed(index)}>
          <rect
            className="pointer-area"
            x={middle(bar.key) - x.step() / 2}
            y={0}
            width={x.step()}
            height={height}
          />
          {bar.value > 0 && (
            <rect
              className={pointed === index ? 'bar is-pointed' : 'bar'}
              x={x(bar.key)}
              y={y(bar.value)}
              width={x.bandwidth()}
              height={y(0) - y(bar.value)}
              rx={Math.min(3, x.bandwidth() / 3)}
            />
          )}
          <text className="tick" x={middle(bar.key)} y={height - 8} textAnchor="middle">
            {bar.tick}
          </text>
        </g>
      ))}
      <line className="axis" x1={SPACE.left} x2={width - SPACE.right} y1={y(0)} y2={y(0)} />
      {ghost && <path className="ghost" d={ghost} />}
      {tip && (
        <g
          className="tip"
          transform={`translate(${Math.max(2, Math.min(width - TIP.width - 2, middle(tip.key) - TIP.width / 2))} 4)`}
        >
          <rect
            width={TIP.width}
            height={props.beforeLabel ? TIP.height : TIP.shortHeight}
            rx="8"
          />
          <text x="12" y="19" className="tip-title">
            {tip.name}
          </text>
          <text x="12" y="36">
            {props.nowLabel}
          </text>
          <text x={TIP.width - 12} y="36" textAnchor="end" className="tip-value">
            {tip.isAhead ? '–' : format(tip.value)}
          </text>
          {props.beforeLabel && (
            <>
              <text x="12" y="52">
                {props.beforeLabel}
              </text>
              <text x={TIP.width - 12} y="52" textAnchor="end">
                {tip.before === undefined ? '–' : format(tip.before)}
              </text>
            </>
          )}
        </g>
      )}
    </svg>
  );
};
