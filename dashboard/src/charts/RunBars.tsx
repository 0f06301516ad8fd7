import { scaleBand, scaleLinear } from 'd3-scale';

export interface RunBar {
  readonly key: string;
  /** Unix milliseconds. */
  readonly at: number;
  readonly latencyMs: number;
  readonly hasFailed: boolean;
}

interface RunBarsProps {
  /** Oldest first. */
  readonly runs: ReadonlyArray<RunBar>;
  readonly width: number;
  readonly height?: number;
  readonly format: (ms: number) => string;
  readonly clock: (at: number) => string;
}

const SPACE = { top: 8, right: 4, bottom: 24, left: 56 };
const LINES = 2;
const WIDEST = 26;

/** How long each batch took; one that failed is crossed. */
export const RunBars = ({ runs, width, height = 140, format, clock }: RunBarsProps) => {
  const most = Math.max(1, ...runs.map(({ latencyMs }) => latencyMs));
  const room = width - SPACE.right - SPACE.left;
  const x = scaleBand<string>()
    .domain(runs.map(({ key }) => key))
    .range([SPACE.left, SPACE.left + Math.min(room, runs.length * WIDEST * 1.4)])
    .padding(0.3);
  const y = scaleLinear([0, most], [height - SPACE.bottom, SPACE.top]).nice(LINES);
  const [first, last] = [runs[0], runs.at(-1)];
  return (
    <svg className="chart runs" width={width} height={height} aria-hidden="true">
      {y.ticks(LINES).map((tick) => (
        <g key={tick} transform={`translate(0 ${y(tick)})`}>
          <line className="grid" x1={SPACE.left} x2={width - SPACE.right} />
          <text className="tick" x={SPACE.left - 8} dy="0.32em" textAnchor="end">
            {format(tick)}
          </text>
        </g>
      ))}
      {runs.map(({ key, latencyMs, hasFailed }) => (
        <g key={key} transform={`translate(${x(key)} 0)`}>
          <rect
            className={hasFailed ? 'bar is-failed' : 'bar'}
            y={y(latencyMs)}
            width={x.bandwidth()}
            height={Math.max(2, y(0) - y(latencyMs))}
            rx="2"
          />
          {hasFailed && (
            <text className="cross" x={x.bandwidth() / 2} y={y(latencyMs) - 4} textAnchor="middle">
              ×
            </text>
          )}
        </g>
      ))}
      {first && (
        <text className="tick" x={x(first.key)} y={height - 6}>
          {clock(first.at)}
        </text>
      )}
      {last && runs.length > 4 && (
        <text
          className="tick"
          x={(x(last.key) ?? 0) + x.bandwidth()}
          y={height - 6}
          textAnchor="end"
        >
          {clock(last.at)}
        </text>
      )}
    </svg>
  );
};
