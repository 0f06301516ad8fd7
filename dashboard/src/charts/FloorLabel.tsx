import type { Point } from '../model/floorPlan.ts';
import { extentAt, linesFor } from '../model/zoneLabel.ts';
import { FloorDots } from './FloorDots.tsx';
import type { FloorZone } from './FloorPlan.tsx';

interface Type {
  readonly name: number;
  readonly line: number;
  readonly value: number;
}

const ROOMY: Type = { name: 12, line: 14, value: 17 };
const TIGHT: Type = { name: 10, line: 11, value: 12.5 };
const PADDING_PX = 8;
const DOTS_PX = 13;

const scaled = ({ name, line, value }: Type, by: number): Type => ({
  name: name * by,
  line: line * by,
  value: value * by,
});

interface FloorLabelProps {
  readonly zone: FloorZone;
  readonly centre: Point;
  readonly polygon: ReadonlyArray<Point>;
  readonly isTight: boolean;
  /** Letters grow by this on a screen that is read from afar. */
  readonly scale: number;
}

/** Name, figure and dots in the middle of a zone; its number where the name has no room. */
export const FloorLabel = ({ zone, centre, polygon, isTight, scale }: FloorLabelProps) => {
  const type = scaled(isTight ? TIGHT : ROOMY, scale);
  const [left, right] = extentAt(polygon, centre.y);
  const lines = linesFor(zone.name, right - left - PADDING_PX, type.name) ?? [zone.code];
  const top = -((lines.length - 1) * type.line) / 2 - type.value * 0.3;
  const foot = top + (lines.length - 1) * type.line + type.value * 1.15;
  return (
    <g transform={`translate(${(left + right) / 2} ${centre.y})`} aria-hidden="true">
      <text className="zone-name" textAnchor="middle" y={top} fontSize={type.name}>
        {lines.map((line, index) => (
          <tspan key={line} x="0" dy={index === 0 ? 0 : type.line}>
            {line}
          </tspan>
        ))}
      </text>
      <text className="zone-value" textAnchor="middle" y={foot} fontSize={type.value}>
        {zone.value}
      </text>
      {zone.dots !== undefined && <FloorDots at={{ x: 0, y: foot + DOTS_PX }} count={zone.dots} />}
    </g>
  );
};
