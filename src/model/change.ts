import { type Change, type Checkpoint, EMPTY_SNAPSHOT, type Snapshot } from './checkpoint.ts';
import { windowKey } from './openWindow.ts';

type Entries<A> = ReadonlyMap<string, A>;

/** The entries of `after` that `before` has not, or has another object for. */
const news = <A>(before: Entries<A>, after: Entries<A>): ReadonlyArray<readonly [string, A]> => {
  const found: Array<readonly [string, A]> = [];
  if (before === after) return found;
  for (const entry of after) if (before.get(entry[0]) !== entry[1]) found.push(entry);
  return found;
};

const gone = (before: Entries<unknown>, after: Entries<unknown>): ReadonlyArray<string> => {
  const found: string[] = [];
  if (before === after) return found;
  for (const key of before.keys()) if (!after.has(key)) found.push(key);
  return found;
};

const valuesOf = <A>(entries: ReadonlyArray<readonly [string, A]>): ReadonlyArray<A> =>
  entries.map(([, value]) => value);

/** What leads from one snapshot to the next; found by identity, so that nothing is compared in depth. */
export const changeOf = (before: Snapshot, { state, ...places }: Checkpoint): Change => ({
  ...places,
  state: {
    windows: valuesOf(news(before.windows, state.windows)),
    beliefs: news(before.beliefs, state.beliefs).map(([phone_id, believed]) => ({
      phone_id,
      ...believed,
    })),
    sensors: Object.fromEntries(state.sensors),
    tracks: valuesOf(news(before.tracks, state.tracks)),
    presences: news(before.presences, state.presences).map(
      ([phone_id, { firstTs, lastTs, isResident }]) => [phone_id, firstTs, lastTs, isResident],
    ),
  },
  gone: {
    windows: gone(before.windows, state.windows),
    beliefs: gone(before.beliefs, state.beliefs),
    tracks: gone(before.tracks, state.tracks),
    presences: gone(before.presences, state.presences),
  },
});

const slicesOf = <A>(items: ReadonlyArray<A>, most: number): ReadonlyArray<ReadonlyArray<A>> =>
  Array.from({ length: Math.ceil(items.length / most) }, (_, at) =>
    items.slice(at * most, (at + 1) * most),
  );

/** A whole checkpoint as changes of at most `most` entries each: nobody has to hold it as one text. */
export const wholeOf = (checkpoint: Checkpoint, most: number): ReadonlyArray<Change> => {
  const { state, ...places } = checkpoint;
  const all = changeOf(EMPTY_SNAPSHOT, checkpoint).state;
  const nothing = { windows: [], beliefs: [], sensors: all.sensors, tracks: [], presences: [] };
  const lists = [
    ...slicesOf(all.windows, most).map((windows) => ({ ...nothing, windows })),
    ...slicesOf(all.beliefs, most).map((beliefs) => ({ ...nothing, beliefs })),
    ...slicesOf(all.tracks, most).map((tracks) => ({ ...nothing, tracks })),
    ...slicesOf(all.presences, most).map((presences) => ({ ...nothing, presences })),
  ];
  const [first = nothing, ...rest] = lists;
  return [first, ...rest].map((part) => ({ ...places, state: part }));
};

/** Takes changes in, one after the other; the checkpoint that they lead to. */
export const taking = () => {
  const windows = new Map(EMPTY_SNAPSHOT.windows);
  const beliefs = new Map(EMPTY_SNAPSHOT.beliefs);
  const sensors = new Map(EMPTY_SNAPSHOT.sensors);
  const tracks = new Map(EMPTY_SNAPSHOT.tracks);
  const presences = new Map(EMPTY_SNAPSHOT.presences);
  return ({ state, gone: lost, ...places }: Change): Checkpoint => {
    for (const key of lost?.windows ?? []) windows.delete(key);
    for (const key of lost?.beliefs ?? []) beliefs.delete(key);
    for (const key of lost?.tracks ?? []) tracks.delete(key);
    for (const key of lost?.presences ?? []) presences.delete(key);
    for (const window of state.windows) windows.set(windowKey(window), window);
    for (const { phone_id, ...believed } of state.beliefs) beliefs.set(phone_id, believed);
    sensors.clear();
    for (const [sensor, ts] of Object.entries(state.sensors)) sensors.set(sensor, ts);
    for (const track of state.tracks) tracks.set(track.phone_id, track);
    for (const [phone, firstTs, lastTs, isResident] of state.presences)
      presences.set(phone, { firstTs, lastTs, isResident });
    return { ...places, state: { windows, beliefs, sensors, tracks, presences } };
  };
};
