import type { Commit } from '../model/checkpoint.ts';
import { jsonLine } from '../model/json.ts';
import type { ShopEvent } from '../model/shopEvent.ts';
import type { Tracking } from '../operators/trackMovement.ts';
import { NO_MEMORY, snapshotOf } from './memory.ts';

const linesOf = (events: ReadonlyArray<ShopEvent>, tag: ShopEvent['_tag']) =>
  events.flatMap((event) => (event._tag === tag ? [jsonLine(event.value)] : []));

/** What a run of flushes, oldest first, adds to the files, and what is remembered behind the last. */
export const commitOf = (flushes: ReadonlyArray<Tracking>): Commit => {
  const events = flushes.flatMap((flush) => flush.events);
  return {
    lines: {
      rssi_vectors: flushes.flatMap(({ vectors }) => vectors).map(jsonLine),
      zone_assignments: linesOf(events, 'Assignment'),
      zone_transitions: linesOf(events, 'Transition'),
      dwells: linesOf(events, 'Dwell'),
      visits: linesOf(events, 'Visit'),
      infrastructure: linesOf(events, 'Infrastructure'),
    },
    state: snapshotOf(flushes.at(-1) ?? NO_MEMORY),
  };
};
