import { useEffect, useState } from 'react';

/** This machine's clock, Unix milliseconds, looked at every `everyMs`. */
export const useClock = (everyMs = 1_000): number => {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
};
