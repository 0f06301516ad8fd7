import type { Layout, Sensor, Zone } from './layout.ts';

/** What is different in a layout, by id. */
export interface LayoutChange {
  readonly zonesAdded: ReadonlyArray<number>;
  readonly zonesRemoved: ReadonlyArray<number>;
  readonly zonesChanged: ReadonlyArray<number>;
  readonly sensorsAdded: ReadonlyArray<string>;
  readonly sensorsRemoved: ReadonlyArray<string>;
  readonly sensorsChanged: ReadonlyArray<string>;
}

const differences = <A, K>(before: ReadonlyArray<A>, after: ReadonlyArray<A>, key: (a: A) => K) => {
  const old = new Map(before.map((item) => [key(item), item]));
  const added = after.filter((item) => !old.has(key(item)));
  const kept = new Set(after.map(key));
  const changed = after.filter((item) => {
    const was = old.get(key(item));
    return was !== undefined && JSON.stringify(was) !== JSON.stringify(item);
  });
  return {
    added: added.map(key),
    removed: [...old.keys()].filter((id) => !kept.has(id)),
    changed: changed.map(key),
  };
};

/** Undefined where both are the same, in whatever order. */
export const layoutChange = (before: Layout, after: Layout): LayoutChange | undefined => {
  const zones = differences(before.zones, after.zones, ({ zone_id }: Zone) => zone_id);
  const sensors = differences(before.sensors, after.sensors, ({ sensor_id }: Sensor) => sensor_id);
  const change = {
    zonesAdded: zones.added,
    zonesRemoved: zones.removed,
    zonesChanged: zones.changed,
    sensorsAdded: sensors.added,
    sensorsRemoved: sensors.removed,
    sensorsChanged: sensors.changed,
  };
  return Object.values(change).every(({ length }) => length === 0) ? undefined : change;
};
