import { useCallback, useEffect } from 'react';
import { useRoute } from './useRoute.ts';

/** Keeps the screen on while a wall shows the page; a browser that cannot is left alone. */
const stayAwake = (): (() => void) => {
  let lock: WakeLockSentinel | undefined;
  let isOver = false;
  const ask = () => {
    if (isOver || document.visibilityState !== 'visible') return;
    navigator.wakeLock?.request('screen').then(
      (granted) => {
        lock = granted;
      },
      () => undefined,
    );
  };
  ask();
  document.addEventListener('visibilitychange', ask);
  return () => {
    isOver = true;
    document.removeEventListener('visibilitychange', ask);
    void lock?.release();
  };
};

/** Large figures and no controls: for a screen on the wall. `?kiosk=1` in the address starts it. */
export const useKiosk = () => {
  const { route, go } = useRoute();
  const { kiosk: isOn } = route;
  const leave = useCallback(() => {
    if (document.fullscreenElement) void document.exitFullscreen();
    go({ kiosk: false });
  }, [go]);
  const enter = useCallback(() => {
    document.documentElement.requestFullscreen?.().catch(() => undefined);
    go({ kiosk: true });
  }, [go]);
  useEffect(() => {
    if (!isOn) return undefined;
    const onKey = ({ key }: KeyboardEvent) => key === 'Escape' && leave();
    document.addEventListener('keydown', onKey);
    const sleep = stayAwake();
    return () => {
      document.removeEventListener('keydown', onKey);
      sleep();
    };
  }, [isOn, leave]);
  return { isOn, enter, leave };
};
