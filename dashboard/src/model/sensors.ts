/** A sensor; what it is called in its readings. */
export interface Sensor {
  readonly sensor_id: string;
  /** Since it was last heard; null where that is more than a day ago, or never was. */
  readonly seconds_since: number | null;
}

/** Those that were heard of late, and those of the layout that were not; as the database sorts them. */
export const sensorsOf = (
  layout: ReadonlyArray<string>,
  heard: ReadonlyArray<Sensor>,
): ReadonlyArray<Sensor> => {
  const isHeard = new Set(heard.map(({ sensor_id }) => sensor_id));
  const silent = layout
    .filter((code) => !isHeard.has(code))
    .map((sensor_id) => ({ sensor_id, seconds_since: null }));
  return [...heard, ...silent].sort(
    ({ sensor_id: a }, { sensor_id: b }) => a.length - b.length || (a < b ? -1 : 1),
  );
};
