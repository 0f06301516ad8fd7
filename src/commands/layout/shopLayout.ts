import { createHash } from 'node:crypto';
import { relative } from 'node:path';
import { either as E } from 'fp-ts';
import type { Config } from '../../config.ts';
import { calibratedSensors } from '../../model/calibratedSensors.ts';
import { type Layout, readSensors, readZones, type Sensor, type Zone } from '../../model/layout.ts';
import { readTextFile } from '../../production/textFile.ts';
import { realShopBy } from '../realShop.ts';
import { Misconfigured } from '../settings.ts';
import { calibrationFileOf } from './calibrationFile.ts';

type Problems = ReadonlyArray<string>;
type Read<A> = E.Either<Problems, A>;

/** The demo's files in the working directory, however they are named: SHA-256 of their text with LF. */
const DEMO = new Map([
  ['zones.csv', '23c076219b286f29a5c9e8be3ec9a34a57256a6dac9a489ce3bb86749c978d9a'],
  ['sensors.csv', '6697231d08a615c9d665c5efc4db74f4efc4dc1f1e00319e81fa5d02d89e2de8'],
]);

/** A file of a layout, and whether the demo's counts in it. */
export interface LayoutFile {
  readonly file: string;
  /** Named by whoever typed the command, or kept by the pipeline itself: counts as it is. */
  readonly isChosen?: boolean;
}

const isDemos = ({ file, isChosen }: LayoutFile, text: string): boolean =>
  isChosen !== true &&
  DEMO.get(relative('.', file)) ===
    createHash('sha256').update(text.replaceAll('\r', '')).digest('hex');

/** Right undefined: there is no such file. */
const textOf = async (file: string): Promise<Read<string | undefined>> => {
  try {
    return E.right(await readTextFile(file));
  } catch (thrown) {
    const { code, message } = thrown as NodeJS.ErrnoException;
    return code === 'ENOENT' ? E.right(undefined) : E.left([message]);
  }
};

const zonesOf = async (from: LayoutFile, realBy?: string): Promise<Read<ReadonlyArray<Zone>>> => {
  const { file } = from;
  const text = await textOf(file);
  if (E.isLeft(text)) return text;
  if (text.right === undefined)
    return E.left([
      `${file}: there is no such file: write your zones into it, zone_id,x,y a line (metres)`,
    ]);
  return realBy !== undefined && isDemos(from, text.right)
    ? E.left([
        `${file}: holds the demo's zones, but ${realBy} speaks of a shop of yours: write its zones ` +
          'into it, zone_id,x,y a line (metres), or name their file in ZONES_FILE',
      ])
    : readZones(text.right, file);
};

interface Listed {
  readonly sensors: ReadonlyArray<Sensor>;
  /** Why the file does not count. */
  readonly missing?: string;
}

const listedIn = async (from: LayoutFile, realBy?: string): Promise<Read<Listed>> => {
  const { file, isChosen = false } = from;
  const text = await textOf(file);
  if (E.isLeft(text)) return text;
  if (text.right === undefined)
    return isChosen || !DEMO.has(relative('.', file))
      ? E.left([`${file}: there is no such file`])
      : E.right({ sensors: [], missing: 'there is no such file' });
  return realBy !== undefined && isDemos(from, text.right)
    ? E.right({
        sensors: [],
        missing: `holds the demo's sensors, which do not count, for ${realBy} speaks of a shop of yours`,
      })
    : E.Functor.map(readSensors(text.right, file), (sensors) => ({ sensors }));
};

const calibratedIn = async (file: string | undefined): Promise<ReadonlyArray<string>> =>
  file === undefined ? [] : calibratedSensors(await readTextFile(file).catch(() => ''));

/** The sensors that PI_IDS and the file name; where neither does, those that a calibration heard. */
const sensorsOf = async (
  config: Config,
  { file, isChosen = false }: LayoutFile,
  { sensors, missing }: Listed,
  calibration = calibrationFileOf(config),
): Promise<Read<{ readonly sensors: ReadonlyArray<Sensor> } & Omit<ShopLayout, 'layout'>>> => {
  const known = new Set(sensors.map(({ sensor_id }) => sensor_id));
  const further = (isChosen ? [] : config.PI_IDS).filter((id) => !known.has(id));
  const named = [...sensors, ...further.map((sensor_id) => ({ sensor_id }))];
  const sensorsIn = further.length > 0 ? 'PI_IDS' : file;
  if (missing === undefined) return E.right({ sensors: named, sensorsIn, notes: [] });
  if (named.length > 0)
    return E.right({
      ...{ sensors: named, sensorsIn },
      notes: [`${file}: ${missing}: the sensors are those of PI_IDS`],
    });
  const heard = await calibratedIn(calibration);
  return heard.length > 0
    ? E.right({
        sensors: heard.map((sensor_id) => ({ sensor_id })),
        sensorsIn: `${calibration}`,
        // In the file that is missing it would be alone.
        toAddSensors: 'name them all in PI_IDS',
        notes: [`${file}: ${missing}: the sensors are those of ${calibration}`],
      })
    : E.left([
        `${file}: ${missing}: name your sensors in PI_IDS=pi5,pi7,… or in ${file}, a line each under ` +
          'sensor_id (with x,y in metres where it is known where they hang)',
      ]);
};

/** A layout, and what is to be known of where it comes from. */
export interface ShopLayout {
  readonly layout: Layout;
  /** Where its sensors are known from, as a person is told. */
  readonly sensorsIn: string;
  /** How a sensor is added, where not simply there. */
  readonly toAddSensors?: string;
  readonly notes: Problems;
}

/**
 * Zones and sensors of the shop that the settings speak of: its own, never the demo's.
 *
 * @param isDemo whether the demo's layout counts all the same, for it is simulated
 * @throws Misconfigured naming files and lines
 */
export const loadShopLayout = async (
  config: Config,
  files: {
    readonly zones: LayoutFile;
    readonly sensors: LayoutFile;
    /** Whose sensors count where nothing else names any (default: the one that phones are placed by). */
    readonly calibration?: string;
  },
  isDemo = false,
): Promise<ShopLayout> => {
  const realBy = isDemo ? undefined : realShopBy(config);
  const zones = await zonesOf(files.zones, realBy);
  const listed = await listedIn(files.sensors, realBy);
  const sensors = E.isLeft(listed)
    ? listed
    : await sensorsOf(config, files.sensors, listed.right, files.calibration);
  if (E.isLeft(zones) || E.isLeft(sensors))
    throw new Misconfigured([zones, sensors].flatMap((one) => (E.isLeft(one) ? one.left : [])));
  const { sensors: known, ...others } = sensors.right;
  return { layout: { zones: zones.right, sensors: known }, ...others };
};

/**
 * The sensors of the shop that the settings speak of, or those of a file that was chosen.
 * @throws Misconfigured naming files and lines
 */
export const loadShopSensors = async (
  config: Config,
  chosen?: string,
): Promise<ReadonlyArray<Sensor>> => {
  const from: LayoutFile =
    chosen === undefined ? { file: config.SENSORS_FILE } : { file: chosen, isChosen: true };
  const listed = await listedIn(from, realShopBy(config));
  const sensors = E.isLeft(listed) ? listed : await sensorsOf(config, from, listed.right);
  if (E.isLeft(sensors)) throw new Misconfigured(sensors.left);
  return sensors.right.sensors;
};
