import { map } from 'rxjs';
import type { Assignment } from '../model/assignment.ts';
import type { RssiVector } from '../model/rssiVector.ts';
import type { Operator } from '../model/shapes.ts';
import type { Classifier } from '../positioning/classifier.ts';

const rounded = (value: number, digits: number): number => Number(value.toFixed(digits));

/** One window's vector becomes one assignment; probabilities to 4 digits, metres to the centimetre. */
export const assignZone =
  (classify: Classifier) =>
  (heard: RssiVector): Assignment => {
    const { zone_id, confidence, margin, x, y } = classify(heard);
    return {
      zone_id,
      phone_id: heard.phone_id,
      ts: heard.ts,
      confidence: rounded(confidence, 4),
      margin: rounded(margin, 4),
      sources: Object.keys(heard.vector),
      vector: heard.vector,
      x: rounded(x, 2),
      y: rounded(y, 2),
    };
  };

/** Each vector becomes one assignment, at once and in order. */
export const classifyZones = (classify: Classifier): Operator<RssiVector, Assignment> =>
  map(assignZone(classify));
