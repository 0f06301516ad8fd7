import { useEffect, useState } from 'react';
import { useRoute } from './useRoute.ts';

export interface PlanSize {
  /** How high the floor plan may be, pixels. */
  readonly maxHeight: number;
  /** How much larger than at a desk its letters are. */
  readonly scale: number;
}

const AT_DESK: PlanSize = { maxHeight: 640, scale: 1 };
const LEAST_PX = 320;
/** What stands above and below the plan on a wall screen, in heights of a line. */
const AROUND_REM = 17;
const REM_AT_DESK_PX = 15;

const onWall = (): PlanSize => {
  const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
  return {
    maxHeight: Math.max(LEAST_PX, window.innerHeight - AROUND_REM * rem),
    scale: rem / REM_AT_DESK_PX,
  };
};

/** On a wall screen the floor plan must not need scrolling, and is read from afar. */
export const usePlanSize = (): PlanSize => {
  const { kiosk } = useRoute().route;
  const [size, setSize] = useState(AT_DESK);
  useEffect(() => {
    const measure = () => setSize(kiosk ? onWall() : AT_DESK);
    measure();
    window.addEventListener('resize', measure);
    return () => window.removeEventListener('resize', measure);
  }, [kiosk]);
  return size;
};
