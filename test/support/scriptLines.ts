import type { ScriptFile, ScriptLine } from '../../src/model/scriptRow.ts';
import { PHONE } from './readings.ts';

/** A line of the script's zone_assignments.jsonl, as it writes them. */
export const scriptAssignment = (ts: number, changes: object = {}): string =>
  JSON.stringify({
    ts,
    ts_kst: 'not read',
    phone_id: PHONE,
    session_id: 'S0001',
    zone_id: 8,
    x: -3,
    y: 0,
    confidence: 0.7,
    second_zone_id: 9,
    second_confidence: 0.3,
    margin: 0.4,
    sources: ['pi5', 'pi7'],
    vector: { pi5: -54, pi7: -55 },
    timebase: 'rx_time_laptop',
    ...changes,
  });

/** A line of its dwells.jsonl. */
export const scriptDwell = (enter_ts: number, exit_ts: number, changes: object = {}): string =>
  JSON.stringify({
    phone_id: PHONE,
    session_id: 'S0001',
    zone_id: 8,
    enter_ts,
    enter_ts_kst: 'not read',
    exit_ts,
    exit_ts_kst: 'not read',
    dwell_sec: exit_ts - enter_ts,
    ...changes,
  });

/** Texts as the lines of one file, of which so many are settled. */
export const scriptLines = (
  texts: ReadonlyArray<string>,
  { file = 'zone_assignments' as ScriptFile, part = 'part', settled = 0 } = {},
): ReadonlyArray<ScriptLine> => {
  let begins = 0;
  return texts.map((text, index) => {
    const ends = begins + Buffer.byteLength(text) + 1;
    const line = { file, part, number: index + 1, begins, ends, text, isSettled: index < settled };
    begins = ends;
    return line;
  });
};
