import { type Random, seededRandom } from '../../src/embedded/shop/random.ts';
import { JSONL_FILES, type JsonlFile } from '../../src/model/jsonlFile.ts';
import type { Reading } from '../../src/model/reading.ts';
import type { DiskFault } from './fakeDisk.ts';
import { UPLOAD_FAULTS, type UploadFault } from './fakeSupabase.ts';

/** A part of the world that is not well for a while. */
export type Trouble =
  | { readonly _tag: 'Disk'; readonly fault: DiskFault }
  | { readonly _tag: 'Uploads'; readonly faults: ReadonlyArray<UploadFault> }
  /** The connection ends, and the client learns of it so much later. */
  | { readonly _tag: 'Cut'; readonly unnoticedMs: number }
  | { readonly _tag: 'NoBroker' }
  | { readonly _tag: 'Forgotten'; readonly acknowledgements: number };

export interface Episode {
  readonly fromMs: number;
  readonly forMs: number;
  readonly trouble: Trouble;
}

/** `power`: what was not synced is lost with it. */
export type Manner = 'stop' | 'kill' | 'power';

/** The end of a process, at a step of its disk or at a time of its own. */
export interface Death {
  readonly manner: Manner;
  readonly afterSteps: number;
  readonly afterMs: number;
  readonly downMs: number;
}

export interface Publication {
  readonly atMs: number;
  /** A reading, or what is none. */
  readonly what: Reading | string;
}

/** Another program writes to a file that has a name of ours. */
export interface Meddling {
  /** 0: before the first start. */
  readonly atMs: number;
  /** Chosen among the files that are there then; undefined for the usual name of `stream`. */
  readonly nth?: number;
  readonly stream: JsonlFile;
  readonly text: string;
}

/** What happens, all of it, in ms from the beginning. */
export interface Scenario {
  readonly seed: number;
  readonly startMs: number;
  readonly published: ReadonlyArray<Publication>;
  readonly episodes: ReadonlyArray<Episode>;
  /** One after the other; the process after the last lives to the end. */
  readonly deaths: ReadonlyArray<Death>;
  readonly meddling: ReadonlyArray<Meddling>;
  readonly calmMs: number;
  readonly maxBytes: number;
  readonly mostUnderWay: number;
  /** Of so many rows the database refuses one; 0: none. */
  readonly poisonEvery: number;
  /** How far the sensors' clocks are ahead, ms; empty where they are kept. */
  readonly aheadMs: Readonly<Record<string, number>>;
  /** Such a row has its whole batch refused. */
  readonly spoilsBatch: boolean;
}

const NOON = Date.parse('2026-03-01T12:00:00Z');
const BEFORE_MIDNIGHT = Date.parse('2026-03-01T23:59:30Z');

const readingAt = (random: Random, ms: number, phone: number, lateMs: number): Reading => ({
  sensor_id: `pi${random.integer(1, 3)}`,
  phone_id: `02:00:00:00:00:0${phone}`,
  rssi: -random.integer(40, 85),
  ts: (ms - lateMs) / 1000,
});

const publications = (random: Random, startMs: number, phones?: number): Publication[] => {
  const forMs = random.integer(6_000, 22_000);
  const mayBeLate = random.chance(0.3);
  const length = phones ?? random.integer(1, 3);
  return Array.from({ length }, (_, phone) => phone).flatMap((phone) => {
    const all: Publication[] = [];
    for (let atMs = random.integer(500, 6_000); atMs < forMs; atMs += random.integer(150, 3_500)) {
      const lateMs = mayBeLate && random.chance(0.1) ? random.integer(0, 20_000) : 0;
      const what = readingAt(random, startMs + atMs, phone, random.integer(0, 50) + lateMs);
      all.push({ atMs, what });
      if (random.chance(0.04)) all.push({ atMs: atMs + random.integer(0, 4_000), what });
      if (random.chance(0.02)) all.push({ atMs, what: `no reading, ${phone} ${atMs}` });
      if (random.chance(0.03)) atMs += random.integer(6_000, 15_000);
    }
    return all;
  });
};

const troubleOf = (random: Random): Trouble => {
  switch (random.integer(0, 5)) {
    case 0:
      return { _tag: 'Disk', fault: random.pick(['full', 'failing', 'slow']) };
    case 1:
      return {
        _tag: 'Cut',
        unnoticedMs: random.chance(0.7) ? 0 : random.integer(1_000, 15_000),
      };
    case 2:
      return { _tag: 'NoBroker' };
    case 3:
      return { _tag: 'Forgotten', acknowledgements: random.integer(1, 40) };
    case 4:
      return { _tag: 'Uploads', faults: [random.pick(UPLOAD_FAULTS)] };
    default:
      return { _tag: 'Uploads', faults: UPLOAD_FAULTS };
  }
};

const episodeOf = (random: Random): Episode => ({
  fromMs: random.integer(0, 22_000),
  forMs: random.chance(0.5) ? random.integer(100, 3_000) : random.integer(3_000, 20_000),
  trouble: troubleOf(random),
});

const deathOf = (random: Random): Death => ({
  manner: random.pick(['kill', 'kill', 'power', 'power', 'power', 'stop']),
  ...(random.chance(0.8)
    ? { afterSteps: random.integer(1, 150), afterMs: Number.POSITIVE_INFINITY }
    : { afterSteps: Number.POSITIVE_INFINITY, afterMs: random.integer(1, 15_000) }),
  downMs: random.chance(0.6) ? 0 : random.integer(1, 8_000),
});

/** A line that we would take for an assignment of ours, were it not where it is. */
const foreignLine = (random: Random, startMs: number): string =>
  JSON.stringify({
    phone_id: `02:00:00:00:00:f${random.integer(0, 9)}`,
    ...{ zone_id: 1, x: 0, y: 0, confidence: 0.7, margin: 0.4 },
    ...{ ts: startMs / 1000 + random.integer(0, 20), sources: ['pi1'], vector: { pi1: -50 } },
  });

const meddlingOf =
  (startMs: number) =>
  (random: Random): Meddling => {
    const lines = Array.from({ length: random.integer(1, 3) }, () => foreignLine(random, startMs));
    return {
      atMs: random.chance(0.2) ? 0 : random.integer(1, 40_000),
      stream: random.chance(0.5)
        ? random.pick(['zone_assignments', 'dwells'])
        : random.pick(JSONL_FILES),
      ...(random.chance(0.4) && { nth: random.integer(0, 1_000) }),
      text: `${lines.join('\n')}${random.chance(0.7) ? '\n' : ''}`,
    };
  };

const several = <A>(random: Random, most: number, draw: (random: Random) => A): A[] =>
  Array.from({ length: random.integer(0, most) }, () => draw(random));

/** Uploads that are out, many that are made up for at once, and an end amid them. */
const catchingUp = (random: Random): Pick<Scenario, 'episodes' | 'deaths'> => {
  const forMs = random.integer(12_000, 22_000);
  const uploads = (faults: ReadonlyArray<UploadFault>): Trouble => ({ _tag: 'Uploads', faults });
  return {
    episodes: [
      { fromMs: 0, forMs, trouble: uploads(['nobody']) },
      { fromMs: forMs + 1, forMs: 15_000, trouble: uploads(UPLOAD_FAULTS) },
    ],
    deaths: [
      {
        manner: 'kill',
        afterSteps: Number.POSITIVE_INFINITY,
        afterMs: forMs + random.integer(0, 15_000),
        downMs: 0,
      },
    ],
  };
};

/** The same seed, the same scenario. */
export const scenarioOf = (seed: number): Scenario => {
  const random = seededRandom(seed);
  const startMs = random.chance(0.2) ? BEFORE_MIDNIGHT : NOON;
  // Now and then so many that they must be read back from the files.
  const isBusy = seed % 8 === 0;
  const aheadMs: Scenario['aheadMs'] =
    seed % 5 === 4 ? { pi1: -8_700, pi2: 8_400, pi3: -61_000 } : {};
  const published = publications(random.fork(), startMs, isBusy ? 9 : undefined)
    .sort((a, b) => a.atMs - b.atMs)
    .map(({ atMs, what }): Publication => {
      const ahead = typeof what === 'string' ? 0 : (aheadMs[what.sensor_id] ?? 0);
      if (typeof what === 'string' || ahead === 0) return { atMs, what };
      return { atMs, what: { ...what, ts: (Math.round(what.ts * 1000) + ahead) / 1000 } };
    });
  return {
    seed,
    startMs,
    published,
    aheadMs,
    episodes: several(random, 4, episodeOf),
    deaths: several(random, 5, deathOf),
    // Of a stream of its own: a seed is the scenario that it was, and others write into it.
    meddling: seed % 3 === 0 ? several(seededRandom(seed + 2 ** 40), 4, meddlingOf(startMs)) : [],
    calmMs: 45_000,
    maxBytes: random.pick([400, 2_000, 1e9]),
    mostUnderWay: random.pick([1, 5, 20, 1_000]),
    poisonEvery: random.chance(0.2) ? random.integer(5, 20) : 0,
    spoilsBatch: random.chance(0.5),
    ...(isBusy && catchingUp(random)),
  };
};

/** The same readings in a world where nothing goes wrong. */
export const faultless = (scenario: Scenario): Scenario => ({
  ...scenario,
  episodes: [],
  deaths: [],
  meddling: [],
});
