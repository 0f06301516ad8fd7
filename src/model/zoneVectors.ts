import { either as E } from 'fp-ts';
import * as t from 'io-ts';
import { explain } from '../../supabase/functions/_shared/codec.ts';
import { align, type Level } from './alignedLevels.ts';
import type { Survey, SurveyPoint } from './calibration.ts';
import { parseJson } from './json.ts';
import type { Layout, Zone } from './layout.ts';
import { sensorName } from './sensorId.ts';

/** A calibration of one zone: windows in which a phone was held there, levels against each other. */
const ZoneVectors = t.type(
  {
    zone_id: t.number,
    created_ts: t.number,
    /** dB by sensor, each less what the window shares, such as its median. */
    vectors: t.readonlyArray(t.record(t.string, t.unknown)),
  },
  'ZoneVectors',
);
type ZoneVectors = t.TypeOf<typeof ZoneVectors>;

/** What differs by more from the window's median is no level. */
const MOST_DB = 120;
/** So many are named. */
const NAMED = 5;

interface Read {
  readonly records: ReadonlyArray<ZoneVectors>;
  readonly notes: ReadonlyArray<string>;
}

const named = (what: ReadonlyArray<string | number>): string =>
  [...what.slice(0, NAMED), ...(what.length > NAMED ? [`${what.length - NAMED} more`] : [])].join(
    ', ',
  );

const readRecords = (text: string): Read => {
  const lines = text.split('\n');
  const records: ZoneVectors[] = [];
  const bad: string[] = [];
  let isTorn = false;
  lines.forEach((line, index) => {
    if (line.trim() === '') return;
    const json = parseJson(line);
    // The last line has no end: whoever writes the file has not finished it.
    if (json === undefined && index === lines.length - 1) isTorn = true;
    else {
      const decoded = ZoneVectors.decode(json);
      if (E.isRight(decoded)) records.push(decoded.right);
      else bad.push(`line ${index + 1} (${explain(decoded.left)[0] ?? ''})`);
    }
  });
  const notes = [
    ...(isTorn ? ['its last line is cut off: left out'] : []),
    ...(bad.length > 0 ? [`no calibration of a zone, left out: ${named(bad)}`] : []),
  ];
  return { records, notes };
};

/** Whether a text holds calibrations of zones, a JSON record a line. */
export const isZoneVectors = (text: string): boolean =>
  text
    .split('\n')
    .some((line) => line.includes('"vectors"') && ZoneVectors.is(parseJson(line.trim())));

const isLevel = (value: unknown): value is number =>
  typeof value === 'number' && Math.abs(value) <= MOST_DB;

/** The newest record of each zone that holds any windows: one that was begun and given up has none. */
const newest = (records: ReadonlyArray<ZoneVectors>): ReadonlyArray<ZoneVectors> => {
  const byZone = new Map<number, ZoneVectors>();
  for (const record of records) {
    const holds = record.vectors.some((vector) => Object.values(vector).some(isLevel));
    const known = byZone.get(record.zone_id);
    if (holds && (known === undefined || record.created_ts >= known.created_ts))
      byZone.set(record.zone_id, record);
  }
  return [...byZone.values()].sort((a, b) => a.zone_id - b.zone_id);
};

const rounded = (dbm: number): number => Math.round(dbm * 100) / 100;

/** The windows of a zone put beside each other, and averaged. */
const pointOf = (
  { zone_id, x, y }: Zone,
  windows: ReadonlyArray<ReadonlyArray<Level>>,
): SurveyPoint => ({
  zone_id,
  x,
  y,
  windows: windows.length,
  levels: Object.fromEntries(align(windows).profile),
});

/**
 * Reads calibrations of zones, a JSON record a line: `zone_id`, `created_ts`, and `vectors` of dB by
 * sensor that tell levels against each other alone. Of each zone the newest record with any windows
 * counts; its place is the zone's centre. What cannot be used is noted, a last line that is cut off
 * included. Left: that nothing can be used.
 */
export const readZoneVectors = (
  { zones, sensors }: Layout,
  text: string,
  file: string,
): E.Either<ReadonlyArray<string>, Survey> => {
  const { records, notes } = readRecords(text);
  const ids = new Map(sensors.map(({ sensor_id: id }) => [sensorName(id), id]));
  const strangers = new Set<string>();
  const levelsOf = (vector: Readonly<Record<string, unknown>>): ReadonlyArray<Level> =>
    Object.entries(vector).flatMap(([name, db]): ReadonlyArray<Level> => {
      const id = ids.get(sensorName(name));
      if (id === undefined) strangers.add(name);
      return id === undefined || !isLevel(db) ? [] : [[id, db]];
    });
  const unknown: number[] = [];
  const found = newest(records).flatMap(({ zone_id, vectors }): ReadonlyArray<SurveyPoint> => {
    const windows = vectors.map(levelsOf).filter((levels) => levels.length > 0);
    const zone = zones.find((one) => one.zone_id === zone_id);
    if (zone === undefined) unknown.push(zone_id);
    return zone === undefined || windows.length === 0 ? [] : [pointOf(zone, windows)];
  });
  if (found.length === 0)
    return E.left([
      `${file}: holds no calibration of a zone of the zones file, heard by a sensor of the sensors ` +
        `file (zones here: ${named(unknown) || 'none'}; other sensors here: ${named([...strangers]) || 'none'})`,
    ]);
  const beside = align(found.map(({ levels }) => Object.entries(levels)));
  const points = found.map((point, index) => ({
    ...point,
    levels: Object.fromEntries(
      Object.entries(point.levels).map(([id, db]) => [
        id,
        rounded(db - (beside.shared[index] ?? 0)),
      ]),
    ),
  }));
  return E.right({
    points,
    levels: 'relative',
    unheard: sensors
      .map(({ sensor_id: id }) => id)
      .filter((id) => points.every(({ levels }) => levels[id] === undefined)),
    notes: [
      ...notes,
      ...(unknown.length > 0
        ? [`calibrations of zones that the zones file lacks, left out: ${named(unknown)}`]
        : []),
      ...(strangers.size > 0
        ? [`levels of sensors that the sensors file lacks, left out: ${named([...strangers])}`]
        : []),
    ],
  });
};
