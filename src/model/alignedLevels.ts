/** A sensor's id and what it heard, dB. */
export type Level = readonly [string, number];

/** Levels that are known up to something that all of a row share, put beside each other. */
export interface Aligned {
  /** The mean of each sensor, dB. */
  readonly profile: ReadonlyMap<string, number>;
  /** How much louder than that each row is as a whole, dB. */
  readonly shared: ReadonlyArray<number>;
}

const ROUNDS = 20;

const meanOf = (values: ReadonlyArray<number>): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/**
 * Rows of which each is shifted by an unknown amount: least squares of sensor + row, by turns. A row
 * in which a sensor is missing is shifted by those that it has, so that its median need not be theirs.
 */
export const align = (rows: ReadonlyArray<ReadonlyArray<Level>>): Aligned => {
  let shared = rows.map(() => 0);
  let profile = new Map<string, number>();
  for (let round = 0; round < ROUNDS; round += 1) {
    const bySensor = new Map<string, number[]>();
    rows.forEach((row, index) => {
      for (const [id, db] of row) {
        const heard = bySensor.get(id);
        const level = db - (shared[index] ?? 0);
        if (heard === undefined) bySensor.set(id, [level]);
        else heard.push(level);
      }
    });
    profile = new Map([...bySensor].map(([id, levels]) => [id, meanOf(levels)]));
    shared = rows.map((row) => meanOf(row.map(([id, db]) => db - (profile.get(id) ?? 0))));
  }
  return { profile, shared };
};
