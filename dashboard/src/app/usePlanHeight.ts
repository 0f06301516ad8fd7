import { useEffect, useState } from 'react';
import { useRoute } from './useRoute.ts';

const HEIGHT_PX = 640;
const LEAST_PX = 320;
/** What stands above and below the plan on a wall screen, in heights of a line. */
const AROUND_REM = 17;

const wallHeight = (): number => {
  const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
  return Math.max(LEAST_PX, window.innerHeight - AROUND_REM * rem);
};

/** How high the floor plan may be, pixels: on a wall screen it must not need scrolling. */
export const usePlanHeight = (): number => {
  const { kiosk } = useRoute().route;
  const [height, setHeight] = useState(HEIGHT_PX);
  useEffect(() => {
    const measure = () => setHeight(kiosk ? wallHeight() : HEIGHT_PX);
    measure();
    window.addEventListener('resize', measure);
    return () => window.removeEventListener('resize', measure);
  }, [kiosk]);
  return height;
};
