import type { RssiVector } from '../../src/model/rssiVector.ts';
import type { Belief, Classifier } from '../../src/positioning/classifier.ts';

const PHONES = 500;
const WINDOWS = 15;

/** CPU of 500 phones in one window, ms: the median of many windows. */
export const costOf = ({ locate }: Classifier, vectors: ReadonlyArray<RssiVector>): number => {
  const beliefs: Array<Belief | undefined> = [];
  const times = Array.from({ length: WINDOWS }, (_, window) => {
    const before = process.cpuUsage();
    for (let phone = 0; phone < PHONES; phone += 1) {
      const heard = vectors[(phone + window) % vectors.length];
      if (heard === undefined) continue;
      const evidence = { ...heard, ts: 5 * window, window_start: 5 * window, silent: [] };
      beliefs[phone] = locate(evidence, beliefs[phone])?.belief;
    }
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  });
  return times.sort((a, b) => a - b)[WINDOWS >> 1] ?? 0;
};
