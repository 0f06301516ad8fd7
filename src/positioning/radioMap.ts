/** What a sensor is expected to hear of an average phone in each cell of a grid. */
export interface ExpectedLevels {
  /** dBm. */
  readonly mean: Float32Array;
  /** How unsure `mean` itself is, dB². */
  readonly variance: Float32Array;
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
  /** How many phones are as loud as the one that the map was made with: 0 where none made it. */
  readonly alikeShare: number;
}

/** More readings than these tell nothing more. */
const MOST_READINGS = 20;

/** Windows have few different counts: each sensor's weights are computed once for each of them. */
const computed = new WeakMap<ExpectedLevels, Map<number, Float32Array>>();

/**
 * 1/s² by cell of a sensor's level, a median of `count` readings: s² = floor² + reading²/n + the
 * map's own variance.
 */
export const weightsOf = (map: RadioMap, levels: ExpectedLevels, count: number): Float32Array => {
  const readings = Math.min(Math.round(count), MOST_READINGS);
  const byCount = computed.get(levels) ?? new Map<number, Float32Array>();
  computed.set(levels, byCount);
  const known = byCount.get(readings);
  if (known !== undefined) return known;
  const noise = map.floorDb ** 2 + map.readingDb ** 2 / readings;
  const weights = levels.variance.map((variance) => 1 / (noise + variance));
  byCount.set(readings, weights);
  return weights;
};
