import { type RefObject, useEffect, useRef, useState } from 'react';

const BEFORE_MEASURED = 640;

/** The width that a chart has, pixels: text in it keeps its size, whatever the window's. */
export const useWidth = <A extends Element>(): [RefObject<A | null>, number] => {
  const ref = useRef<A>(null);
  const [width, setWidth] = useState(BEFORE_MEASURED);
  useEffect(() => {
    if (ref.current === null || typeof ResizeObserver === 'undefined') return undefined;
    const observer = new ResizeObserver(([entry]) => {
      if (entry && entry.contentRect.width > 0) setWidth(Math.round(entry.contentRect.width));
    });
    observer.observe(ref.current);
    return () => observer.disconnect();
  }, []);
  return [ref, width];
};
