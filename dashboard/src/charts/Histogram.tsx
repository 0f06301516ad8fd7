import { scaleBand, scaleLinear } from 'd3-scale';

export interface HistogramBin {
  readonly key: string;
  readonly name: string;
  /** The name where there is little room. */
  readonly shortName: string;
  readonly value: number;
  /** Counted, but no part of the whole: hatched. */
  readonly outside: number;
}

interface HistogramProps {
  readonly bins: ReadonlyArray<HistogramBin>;
  readonly width: number;
  readonly height?: number;
  readonly format: (value: number) => string;
}

const SPACE = { top: 22, right: 0, bottom: 26, left: 0 };
const NARROW = 62;

/** One bar for each bin, with its count on top. */
export const Histogram = ({ bins, width, height = 250, format }: HistogramProps) => {
  const most = Math.max(1, ...bins.map(({ value, outside }) => value + outside));
  const x = scaleBand<string>()
    .domain(bins.map(({ key }) => key))
    .range([SPACE.left, width - SPACE.right])
    .padding(0.16);
  const y = scaleLinear([0, most], [height - SPACE.bottom, SPACE.top]);
  const isNarrow = x.step() < NARROW;
  return (
    <svg className="chart histogram" width={width} height={height} aria-hidden="true">
      <pattern
        id="hatch"
        width="6"
        height="6"
        patternUnits="userSpaceOnUse"
        patternTransform="rotate(45)"
      >
        <line className="hatch" x1="0" x2="0" y1="0" y2="6" />
      </pattern>
      {bins.map(({ key, name, shortName, value, outside }) => (
        <g key={key} transform={`translate(${x(key)} 0)`}>
          {value > 0 && (
            <rect
              className="bar"
              y={y(value)}
              width={x.bandwidth()}
              height={y(0) - y(value)}
              rx="3"
            />
          )}
          {outside > 0 && (
            <rect
              className="outside"
              y={y(value + outside)}
              width={x.bandwidth()}
              height={y(0) - y(outside)}
              rx="3"
            />
          )}
          <text
            className="bar-value"
            x={x.bandwidth() / 2}
            y={y(value + outside) - 7}
            textAnchor="middle"
          >
            {format(value + outside)}
          </text>
          <text className="tick" x={x.bandwidth() / 2} y={height - 8} textAnchor="middle">
            {isNarrow ? shortName : name}
          </text>
        </g>
      ))}
      <line className="axis" x1={0} x2={width} y1={y(0)} y2={y(0)} />
    </svg>
  );
};
