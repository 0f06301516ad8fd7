import { type CSSProperties, type KeyboardEvent, useState } from 'react';
import { type Box, floorBox, type Point, pathOf, regions } from '../model/floorPlan.ts';
import { FloorLabel } from './FloorLabel.tsx';
import { FloorOutlines } from './FloorOutlines.tsx';

export interface FloorZone extends Point {
  readonly id: string;
  readonly code: string;
  readonly name: string;
  /** 0 is the lowest, 1 the highest of all. */
  readonly level: number;
  readonly value: string;
  /** Says all of it: name, kind, figure. */
  readonly label: string;
  readonly isEntrance?: boolean;
  /** Phones to draw as dots. */
  readonly dots?: number;
}

interface FloorPlanProps {
  readonly zones: ReadonlyArray<FloorZone>;
  readonly width: number;
  readonly maxHeight: number;
  /** Of the letters; 1 unless told. */
  readonly scale?: number;
  readonly label: string;
  readonly entranceLabel: string;
  readonly selected?: string | undefined;
  readonly onSelect?: (id: string) => void;
}

interface Scale {
  readonly pxPerMetre: number;
  readonly toPx: (point: Point) => Point;
}

/** The entrance's side comes to lie below: one looks into the shop as one enters it. */
const scaleFor = ({ min, max }: Box, width: number, maxHeight: number): Scale => {
  const pxPerMetre = Math.min(width / (max.x - min.x), maxHeight / (max.y - min.y));
  return {
    pxPerMetre,
    toPx: ({ x, y }) => ({ x: (x - min.x) * pxPerMetre, y: (max.y - y) * pxPerMetre }),
  };
};

const ENTRANCE_PX = 26;
const TIGHT_PX_PER_METRE = 22;

const levelOf = ({ level }: FloorZone) => ({ '--level': level }) as CSSProperties;

interface RegionProps {
  readonly zone: FloorZone;
  readonly polygon: ReadonlyArray<Point>;
  readonly isSelected: boolean;
  readonly onSelect: ((id: string) => void) | undefined;
  /** By keyboard; undefined when it has gone on. */
  readonly onFocus: (id: string | undefined) => void;
}

const Region = ({ zone, polygon, isSelected, onSelect, onFocus }: RegionProps) => {
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' && event.key !== ' ') return;
    event.preventDefault();
    onSelect?.(zone.id);
  };
  const chosen = onSelect && {
    role: 'button',
    'aria-pressed': isSelected,
    onClick: () => onSelect(zone.id),
    onKeyDown,
  };
  return (
    <g
      role="img"
      tabIndex={0}
      aria-label={zone.label}
      className="zone"
      onFocus={({ target }) => onFocus(target.matches(':focus-visible') ? zone.id : undefined)}
      onBlur={() => onFocus(undefined)}
      style={levelOf(zone)}
      {...chosen}
    >
      <path d={pathOf(polygon)} />
    </g>
  );
};

/** The shop from above: each zone is what lies nearest to its centre. */
export const FloorPlan = (props: FloorPlanProps) => {
  const { zones, width, maxHeight, selected, onSelect } = props;
  const box = floorBox(zones);
  const { toPx, pxPerMetre } = scaleFor(box, width, maxHeight - ENTRANCE_PX);
  const floor = {
    x: (box.max.x - box.min.x) * pxPerMetre,
    y: (box.max.y - box.min.y) * pxPerMetre,
  };
  const polygons = regions(zones, box).map((polygon) => polygon.map(toPx));
  const entrance = zones.find(({ isEntrance }) => isEntrance);
  const [focused, setFocused] = useState<string>();
  const order = zones.map((zone, index) => ({ zone, polygon: polygons[index] ?? [] }));
  return (
    <svg
      className="chart floor"
      role="group"
      aria-label={props.label}
      width={floor.x}
      height={floor.y + ENTRANCE_PX}
      viewBox={`0 0 ${floor.x} ${floor.y + ENTRANCE_PX}`}
    >
      <clipPath id="floor-outline">
        <rect width={floor.x} height={floor.y} rx="14" />
      </clipPath>
      <g clipPath="url(#floor-outline)">
        {order.map(({ zone, polygon }) => (
          <Region
            key={zone.id}
            zone={zone}
            polygon={polygon}
            isSelected={zone.id === selected}
            onSelect={onSelect}
            onFocus={setFocused}
          />
        ))}
        <FloorOutlines zones={order} selected={selected} focused={focused} />
      </g>
      {/* Words lie over all regions, and belong to none: a region's label says more than they do. */}
      <g className="floor-words" aria-hidden="true">
        {order.map(({ zone, polygon }) => (
          <g key={zone.id} className="zone-words" style={levelOf(zone)}>
            <FloorLabel
              zone={zone}
              centre={toPx(zone)}
              polygon={polygon}
              isTight={pxPerMetre < TIGHT_PX_PER_METRE}
              scale={props.scale ?? 1}
            />
          </g>
        ))}
      </g>
      <rect className="floor-wall" width={floor.x} height={floor.y} rx="14" />
      {entrance && (
        <g className="floor-entrance" transform={`translate(${toPx(entrance).x} ${floor.y})`}>
          <line x1={-pxPerMetre} x2={pxPerMetre} />
          <text y={ENTRANCE_PX - 8} textAnchor="middle">
            ↑ {props.entranceLabel}
          </text>
        </g>
      )}
    </svg>
  );
};
