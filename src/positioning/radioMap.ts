/** What a sensor is expected to hear of an average phone in each cell of a grid. */
export interface ExpectedLevels {
  /** dBm. */
  readonly mean: Float64Array;
  /** How unsure `mean` itself is, dB². */
  readonly variance: Float64Array;
}

/** A shop's radio, as it is assumed or as a survey found it. */
export interface RadioMap {
  readonly levels: ReadonlyMap<string, ExpectedLevels>;
  /** Standard deviation of what does not average out over a window's readings, dB. */
  readonly floorDb: number;
  /** Standard deviation of one reading, dB. */
  readonly readingDb: number;
  /** Standard deviation of one phone's loudness against another's, dB. */
  readonly deviceOffsetDb: number;
}

/** 1/s² and its logarithm's half by cell, s² = floor² + reading²/n + the map's own variance. */
export interface Precision {
  readonly inverse: Float64Array;
  readonly logs: Float64Array;
}

/** More readings than these tell nothing more. */
const MOST_READINGS = 20;

/** Windows have few different counts: each sensor's weights are computed once for each of them. */
const computed = new WeakMap<ExpectedLevels, Map<number, Precision>>();

/** The weights of a sensor's level, a median of `count` readings. */
export const precisionOf = (map: RadioMap, levels: ExpectedLevels, count: number): Precision => {
  const readings = Math.min(Math.round(count), MOST_READINGS);
  const byCount = computed.get(levels) ?? new Map<number, Precision>();
  computed.set(levels, byCount);
  const known = byCount.get(readings);
  if (known !== undefined) return known;
  const noise = map.floorDb ** 2 + map.readingDb ** 2 / readings;
  const inverse = levels.variance.map((variance) => 1 / (noise + variance));
  const precision = { inverse, logs: inverse.map((weight) => Math.log(weight) / 2) };
  byCount.set(readings, precision);
  return precision;
};
