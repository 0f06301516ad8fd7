import type { Classifier, Evidence } from '../../src/positioning/classifier.ts';

/** Believes the number of a phone's windows so far, and says it as the zone; `told` is what it was asked. */
export const counting = (told: Evidence[] = []): Classifier => ({
  beliefExpiryMs: 60_000,
  locate: (evidence, belief) => {
    told.push(evidence);
    const windows = typeof belief === 'number' ? belief + 1 : 1;
    return {
      estimate: { zone_id: windows, runner_up: null, confidence: 1, margin: 1, x: 0, y: 0 },
      belief: windows,
    };
  },
});
