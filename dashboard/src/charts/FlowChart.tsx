import { useState } from 'react';
import type { Block, Flow, Ribbon } from '../model/flow.ts';
import { shortened, textWidth } from '../model/zoneLabel.ts';

interface FlowChartProps {
  readonly flow: Flow;
  readonly width: number;
  readonly height: number;
  readonly nameOf: (id: string) => string;
  readonly format: (value: number) => string;
  readonly fromLabel: string;
  readonly toLabel: string;
}

const BLOCK_PX = 10;
const HEAD_PX = 26;
const GAP_PX = 8;
const WIDEST_NAMES_PX = 190;
/** A chart that is narrower has its names on the ribbons, and the ribbons all of its width. */
const NARROW_PX = 560;
const LEAST_HEIGHT_PX = 8;
const NAME_PX = 12.5;

const ribbonPath = (ribbon: Ribbon, left: number, right: number, y: (share: number) => number) => {
  const middle = (left + right) / 2;
  const [a, b] = [y(ribbon.fromStart), y(ribbon.fromEnd)];
  const [c, d] = [y(ribbon.toStart), y(ribbon.toEnd)];
  return `M${left} ${a}C${middle} ${a} ${middle} ${c} ${right} ${c}V${d}C${middle} ${d} ${middle} ${b} ${left} ${b}Z`;
};

/** Two columns of zones and ribbons between them, as thick as there were moves. */
export const FlowChart = (props: FlowChartProps) => {
  const { flow, width, height, nameOf, format } = props;
  const [pointed, setPointed] = useState<string>();
  const isNarrow = width < NARROW_PX;
  const names = isNarrow ? width / 2 - BLOCK_PX : Math.min(WIDEST_NAMES_PX, width * 0.3);
  const [left, right] = isNarrow ? [0, width] : [names, width - names];
  const inwards = GAP_PX + BLOCK_PX;
  const y = (share: number) => HEAD_PX + share * (height - HEAD_PX - 2);
  const isFaint = ({ from, to }: Ribbon) =>
    pointed !== undefined && pointed !== `from ${from}` && pointed !== `to ${to}`;
  const side = (blocks: ReadonlyArray<Block>, isOrigin: boolean) =>
    blocks.map(({ id, moves, start, end }) => {
      const key = `${isOrigin ? 'from' : 'to'} ${id}`;
      const hasRoom = y(end) - y(start) >= LEAST_HEIGHT_PX;
      return (
        <g key={key} onPointerEnter={() => setPointed(key)}>
          <rect
            className="flow-block"
            x={isOrigin ? left : right - BLOCK_PX}
            y={y(start)}
            width={BLOCK_PX}
            height={Math.max(1, y(end) - y(start))}
            rx="2"
          />
          {hasRoom && (
            <text
              className="flow-name"
              x={
                isOrigin
                  ? left + (isNarrow ? inwards : -GAP_PX)
                  : right - (isNarrow ? inwards : -GAP_PX)
              }
              y={(y(start) + y(end)) / 2}
              dy="0.32em"
              textAnchor={isOrigin !== isNarrow ? 'end' : 'start'}
            >
              {shortened(
                nameOf(id),
                names - GAP_PX - textWidth(` ${format(moves)}`, NAME_PX),
                NAME_PX,
              )}{' '}
              <tspan className="flow-count">{format(moves)}</tspan>
            </text>
          )}
        </g>
      );
    });
  return (
    <svg
      className="chart flow"
      width={width}
      height={height}
      aria-hidden="true"
      onPointerLeave={() => setPointed(undefined)}
    >
      <text
        className="tick"
        x={left + (isNarrow ? 0 : BLOCK_PX)}
        y="12"
        textAnchor={isNarrow ? 'start' : 'end'}
      >
        {props.fromLabel}
      </text>
      <text
        className="tick"
        x={right - (isNarrow ? 0 : BLOCK_PX)}
        y="12"
        textAnchor={isNarrow ? 'end' : 'start'}
      >
        {props.toLabel}
      </text>
      {flow.ribbons.map((ribbon) => (
        <path
          key={`${ribbon.from} ${ribbon.to}`}
          className={isFaint(ribbon) ? 'ribbon is-faint' : 'ribbon'}
          d={ribbonPath(ribbon, left + BLOCK_PX, right - BLOCK_PX, y)}
        />
      ))}
      {side(flow.origins, true)}
      {side(flow.targets, false)}
    </svg>
  );
};
