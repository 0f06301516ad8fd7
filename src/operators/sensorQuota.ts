import type { AdmissionPolicy } from '../model/policies.ts';
import type { Reading } from '../model/reading.ts';

/** A sensor with a wild clock opens a window with each reading: only so many are remembered. */
const MAX_WINDOWS = 8_192;

/**
 * Says of each reading whether it is within its sensor's quota. It goes by the reading's own time, so
 * a backlog that arrives at once is judged as if it had come when it was heard. Each call makes an
 * account of its own.
 */
export const sensorQuota = ({
  spanMs,
  readings,
}: NonNullable<AdmissionPolicy['quota']>): ((reading: Reading) => boolean) => {
  const taken = new Map<string, number>();
  return ({ sensor_id, ts }) => {
    const key = `${sensor_id} ${Math.floor((ts * 1000) / spanMs)}`;
    const before = taken.get(key) ?? 0;
    if (before >= readings) return false;
    taken.set(key, before + 1);
    if (taken.size > MAX_WINDOWS) {
      const [oldest] = taken.keys();
      if (oldest !== undefined) taken.delete(oldest);
    }
    return true;
  };
};
