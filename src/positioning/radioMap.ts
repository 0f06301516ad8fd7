/** What a sensor is expected to hear of an average phone in each cell of a grid. */
export interface ExpectedLevels {
  /** dBm. */
  readonly mean: Float32Array;
  /** How unsure `mean` itself is, dB²; one array for all sensors of a map where it is the same. */
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
  /**
   * How much less sure of a zone to be than the noise above says: what a map has wrong is not noise.
   * Probabilities are raised to 1/T (temperature scaling, Guo et al. 2017), which moves no phone.
   */
  readonly temperature: number;
}

/** More readings than these tell nothing more. */
const MOST_READINGS = 20;

/** How much a sensor's level tells in each cell: 1/s², and its logarithm. */
export interface Weights {
  readonly weight: Float32Array;
  readonly log: Float32Array;
}

/**
 * Windows have few different counts: weights are computed once for each of them, and shared by the
 * sensors that share their variances, so that they stay in the processor's cache.
 */
const computed = new WeakMap<Float32Array, Map<number, Weights>>();

/**
 * 1/s² by cell of a sensor's level, a median of `count` readings: s² = floor² + reading²/n + the
 * map's own variance.
 */
export const weightsOf = (map: RadioMap, levels: ExpectedLevels, count: number): Weights => {
  const readings = Math.min(Math.round(count), MOST_READINGS);
  const byCount = computed.get(levels.variance) ?? new Map<number, Weights>();
  computed.set(levels.variance, byCount);
  const known = byCount.get(readings);
  if (known !== undefined) return known;
  const noise = map.floorDb ** 2 + map.readingDb ** 2 / readings;
  const weight = levels.variance.map((variance) => 1 / (noise + variance));
  const weights = { weight, log: weight.map(Math.log) };
  byCount.set(readings, weights);
  return weights;
};
