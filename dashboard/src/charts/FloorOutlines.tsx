import { type Point, pathOf } from '../model/floorPlan.ts';

interface FloorOutlinesProps {
  readonly zones: ReadonlyArray<{
    readonly zone: { readonly id: string };
    readonly polygon: ReadonlyArray<Point>;
  }>;
  readonly selected: string | undefined;
  readonly focused: string | undefined;
}

/** Which zone is chosen, and at which one the keyboard is. */
export const FloorOutlines = ({ zones, selected, focused }: FloorOutlinesProps) => {
  const outline = (id: string | undefined, className: string) => {
    const found = zones.find(({ zone }) => zone.id === id);
    return found && <path className={`floor-outline ${className}`} d={pathOf(found.polygon)} />;
  };
  return (
    <>
      {outline(selected, 'is-selected')}
      {outline(focused, 'is-ground')}
      {outline(focused, 'is-focused')}
    </>
  );
};
