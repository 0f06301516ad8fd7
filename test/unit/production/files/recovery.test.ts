import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { lastValueFrom, of } from 'rxjs';
import { inherit } from '../../../../src/commands/pipeline/inherit.ts';
import { EMPTY_SNAPSHOT } from '../../../../src/model/checkpoint.ts';
import { jsonLine } from '../../../../src/model/json.ts';
import { type JsonlFile, OUTPUT_FILES } from '../../../../src/model/jsonlFile.ts';
import type { Identity, Reading } from '../../../../src/model/reading.ts';
import type { PipelineEvent } from '../../../../src/model/shapes.ts';
import { classifyDevices } from '../../../../src/operators/classifyDevices.ts';
import { classifyZones } from '../../../../src/operators/classifyZones.ts';
import { collectWindows } from '../../../../src/operators/collectWindows.ts';
import { trackMovement } from '../../../../src/operators/trackMovement.ts';
import { jsonlFiles } from '../../../../src/production/files/jsonlFiles.ts';
import { ownFiles } from '../../../../src/production/files/ownFiles.ts';
import { recover } from '../../../../src/production/files/recovery.ts';
import { KNOWN_BYTES } from '../../../../src/production/files/settled.ts';
import { ACK_BOUND } from '../../../../src/sources/ackLedger.ts';
import { commitOf } from '../../../../src/streams/commitOf.ts';
import { type Memory, memoryOf, snapshotOf } from '../../../../src/streams/memory.ts';
import { REMEMBERED_READINGS } from '../../../../src/streams/pipeline.ts';
import { adopt } from '../../../support/adopt.ts';
import { counting } from '../../../support/classifiers.ts';
import { OTHER_PHONE, PHONE, reading } from '../../../support/readings.ts';

const STREAMS: ReadonlyArray<JsonlFile> = ['rssi_readings', ...OUTPUT_FILES];
const window = { spanMs: 5_000, graceMs: 1_000 };
const movement = {
  confirmAssignments: 2,
  dwellGapSeconds: 6,
  visitGapSeconds: 12,
  quietMs: 10_000,
};

let root: string;
let logged: PipelineEvent[];
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'recovery-'));
  logged = [];
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const log = (event: PipelineEvent) => {
  logged.push(event);
};

const idOf = ({ sensor_id, phone_id, ts, sensor_ts = ts }: Identity) =>
  `${sensor_id} ${phone_id} ${sensor_ts}`;

/** What a process does with `dir`, step by step, with the pipeline's own operators and files. */
const start = async (dir: string, maxBytes = 1e9) => {
  const files = jsonlFiles({
    dir,
    maxBytes,
    retentionDays: 1,
    now: Date.now,
    log: (event) => logged.push(event),
  });
  const recovery = await recover(dir, (event) => logged.push(event));
  let memory: Memory = memoryOf(recovery.state, window, recovery.later);
  mkdirSync(dir, { recursive: true });
  await lastValueFrom(files.commit({ lines: {}, state: snapshotOf(memory) }));
  const known = new Set([...recovery.known].map(idOf));
  let waiting: ReadonlyArray<Reading> = [];
  return {
    recovery,
    memory: () => memory,
    close: files.close,
    /** Journals what was not known before. */
    receive: async (readings: ReadonlyArray<Reading>) => {
      const fresh = readings.filter((one) => !known.has(idOf(one)));
      waiting = [...waiting, ...fresh];
      if (fresh.length > 0) await lastValueFrom(files.append('rssi_readings')(fresh.map(jsonLine)));
    },
    flush: async (nowMs: number) => {
      const tracking = await lastValueFrom(
        of({ readings: waiting, nowMs }).pipe(
          collectWindows(window, memory.windows),
          classifyZones(counting(), memory.beliefs),
          classifyDevices(memory.presences),
          trackMovement(movement, memory.tracks),
        ),
      );
      waiting = [];
      memory = tracking;
      await lastValueFrom(files.commit(commitOf([tracking])));
    },
  };
};

/** All that a stream holds, whatever files it is spread over. */
const contentOf = async (dir: string, file: JsonlFile): Promise<string> =>
  ownFiles(dir, file)
    .map(({ path }) => readFileSync(path, 'utf8'))
    .join('');

const contents = async (dir: string): Promise<Record<string, string>> => {
  const all: Record<string, string> = {};
  for (const file of STREAMS) all[file] = await contentOf(dir, file);
  return all;
};

/** A directory before a step, to be mixed with what it is after it: what a crash may leave. */
const before = (dir: string) => {
  const sizes = new Map(readdirSync(dir).map((name) => [name, statSync(join(dir, name)).size]));
  const saved = join(dir, '..', 'checkpoint.before');
  const checkpoint = join(dir, 'checkpoint.json');
  copyFileSync(checkpoint, saved);
  return {
    /** Cuts what was written since, of each file a share. */
    cut: (shares: ReadonlyArray<number>) => {
      renameSync(saved, checkpoint);
      STREAMS.forEach((file, index) => {
        const path = join(dir, `${file}.jsonl`);
        if (!existsSync(path)) return;
        const rotated = readdirSync(dir).filter((name) => name.startsWith(`${file}.2`));
        const hasMoved = rotated.some((name) => !sizes.has(name));
        const safe = hasMoved ? 0 : (sizes.get(`${file}.jsonl`) ?? 0);
        const written = statSync(path).size - safe;
        truncateSync(path, safe + Math.floor(written * (shares[index % shares.length] ?? 0)));
      });
    },
  };
};

interface Crash {
  readonly at: number;
  readonly during: 'receive' | 'flush';
  readonly shares: ReadonlyArray<number>;
}

/** Receives and flushes chunk by chunk; a crash loses the process, its unsafe bytes and nothing else. */
const play = async (
  dir: string,
  chunks: ReadonlyArray<ReadonlyArray<Reading>>,
  maxBytes: number,
  crashes: ReadonlyArray<Crash> = [],
): Promise<Record<string, string>> => {
  let process = await start(dir, maxBytes);
  for (const [at, chunk] of chunks.entries()) {
    const nowMs = at === chunks.length - 1 ? Number.POSITIVE_INFINITY : (at + 1) * 5_000;
    for (const during of ['receive', 'flush'] as const) {
      const step = async () =>
        during === 'receive' ? process.receive(chunk) : process.flush(nowMs);
      const crash = crashes.find((one) => one.at === at && one.during === during);
      if (crash) {
        const left = before(dir);
        await step();
        await process.close();
        left.cut(crash.shares);
        process = await start(dir, maxBytes);
      }
      await step();
    }
  }
  await process.close();
  return contents(dir);
};

const chunks = fc
  .uniqueArray(
    fc.record({
      chunk: fc.integer({ min: 0, max: 5 }),
      lateMs: fc.integer({ min: -2_000, max: 12_000 }),
      sensor_id: fc.constantFrom('pi1', 'pi2'),
      phone_id: fc.constantFrom(PHONE, OTHER_PHONE),
      rssi: fc.integer({ min: -90, max: -30 }),
    }),
    {
      minLength: 1,
      maxLength: 25,
      selector: (one) => `${one.chunk} ${one.lateMs} ${one.sensor_id}`,
    },
  )
  .map((all) =>
    Array.from({ length: 7 }, (_, at) =>
      all
        .filter(({ chunk }) => chunk === at)
        .map(({ lateMs, sensor_id, phone_id, rssi }) => {
          const ts = 1_000 + at * 5 - lateMs / 1_000;
          // The clock of pi2 is not kept.
          const corrected = sensor_id === 'pi2' && { sensor_ts: ts + 8.7 };
          return reading(ts, { sensor_id, phone_id, rssi, ...corrected });
        }),
    ),
  );
const crashes = fc.array(
  fc.record({
    at: fc.integer({ min: 0, max: 6 }),
    during: fc.constantFrom('receive' as const, 'flush' as const),
    shares: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 6, maxLength: 6 }),
  }),
  { minLength: 1, maxLength: 3 },
);

it('any crash, wherever it cuts the files, ends in the same lines as a run without one', async () => {
  let runs = 0;
  await fc.assert(
    fc.asyncProperty(
      chunks,
      crashes,
      fc.constantFrom(150, 600, 1e9),
      async (readings, when, maxBytes) => {
        runs += 1;
        const whole = await play(join(root, `whole-${runs}`), readings, maxBytes);
        const broken = await play(join(root, `broken-${runs}`), readings, maxBytes, when);
        expect(broken).toEqual(whole);
      },
    ),
    { numRuns: 60 },
  );
}, 60_000);

describe('a start', () => {
  const dir = () => join(root, 'output');

  it('in an empty directory knows nothing, and leaves a checkpoint', async () => {
    const { recovery, close } = await start(dir());
    await close();

    expect(recovery).toEqual({
      state: EMPTY_SNAPSHOT,
      later: [],
      known: expect.anything(),
      linesTakenBack: 0,
      foreign: [],
    });
    expect(readdirSync(dir())).toEqual(['checkpoint.json']);
    expect(statSync(join(dir(), 'checkpoint.json')).mode & 0o777).toBe(0o600);
  });

  it('before the first flush, too, finds what was acknowledged', async () => {
    const killed = await start(dir());
    await killed.receive([reading(1_001)]);
    await killed.close();

    const { recovery, memory, close } = await start(dir());
    await close();
    expect(recovery.later).toEqual([reading(1_001)]);
    expect([...memory().windows.values()]).toEqual([
      { phone_id: PHONE, window_start: 1_000, ts: 1_001, rssi: { pi1: [-60] } },
    ]);
  });

  it('knows by its journal how far clocks were off, and finds what was corrected as it was', async () => {
    const corrected = reading(1_001, { sensor_ts: 1_009.5 });
    const kept = reading(1_002, { sensor_id: 'pi2' });
    const killed = await start(dir());
    await killed.receive([reading(1_000, { sensor_ts: 1_300 }), corrected, kept]);
    await killed.close();

    const files = jsonlFiles({ dir: dir(), maxBytes: 1e9, retentionDays: 1, now: Date.now, log });
    const { inherited } = await inherit(dir(), window, files, log);
    await files.close();
    expect([...(inherited.offsets ?? [])]).toEqual([
      ['pi1', -8.5],
      ['pi2', 0],
    ]);
    expect([...inherited.known].at(1)).toEqual(corrected);
    expect([...inherited.memory.windows.values()]).toEqual([
      { phone_id: PHONE, window_start: 1_000, ts: 1_002, rssi: { pi1: [-60, -60], pi2: [-60] } },
    ]);
  });

  it('in a directory from before checkpoints begins behind what is there', async () => {
    mkdirSync(dir());
    appendFileSync(join(dir(), 'rssi_readings.jsonl'), jsonLine(reading(1)));
    appendFileSync(join(dir(), 'rssi_vectors.jsonl'), '{"old":1}\n');
    await adopt(dir());
    const old = await contents(dir());

    const first = await start(dir());
    expect(first.recovery).toMatchObject({ later: [], linesTakenBack: 0 });
    expect([...first.recovery.known].map(idOf)).toEqual([idOf(reading(1))]);
    await first.receive([reading(1_001)]);
    await first.flush(Number.POSITIVE_INFINITY);
    await first.close();
    const { recovery, close } = await start(dir());
    await close();

    expect(recovery).toMatchObject({ later: [], linesTakenBack: 0 });
    expect(await contentOf(dir(), 'rssi_vectors')).toMatch(/^\{"old":1\}\n\{"phone_id".*\n$/);
    expect((await contents(dir()))['rssi_readings']).toBe(
      `${old['rssi_readings']}${jsonLine(reading(1_001))}`,
    );
  });

  it.each([
    ['is not JSON', '{"version":1,', 'checkpoint.json cannot be read'],
    [
      'is of another version',
      '{"version":2}',
      'checkpoint.json is of version 2, this pipeline knows version 1',
    ],
  ])(
    'with a checkpoint that %s says so, touches no line and begins afresh',
    async (_, text, reason) => {
      const killed = await start(dir());
      await killed.receive([reading(1_001)]);
      await killed.flush(Number.POSITIVE_INFINITY);
      await killed.close();
      const all = await contents(dir());
      writeFileSync(join(dir(), 'checkpoint.json'), text);

      const { recovery, close } = await start(dir());
      await close();
      expect(recovery).toMatchObject({ later: [], linesTakenBack: 0 });
      expect(logged).toContainEqual({ level: 'error', event: 'checkpoint not usable', reason });
      expect(await contents(dir())).toEqual(all);
    },
  );

  it('touches no file that has taken the place of its own, and says which', async () => {
    const killed = await start(dir());
    await killed.receive([reading(1_001), reading(1_031)]);
    await killed.flush(Number.POSITIVE_INFINITY);
    await killed.close();
    const names = STREAMS.map((file) => `${file}.jsonl`).filter((name) =>
      existsSync(join(dir(), name)),
    );
    for (const name of names) writeFileSync(join(dir(), name), '{"another":"file"}\n');

    const { recovery, close } = await start(dir());
    await close();
    expect(recovery).toMatchObject({ later: [], linesTakenBack: 0 });
    expect(recovery.foreign).toEqual(names.map((name) => ({ name, own: 0 })));
    expect(logged).toContainEqual({
      level: 'warn',
      event: 'checkpoint does not fit',
      file: 'dwells',
    });
    for (const name of names)
      expect(readFileSync(join(dir(), name), 'utf8')).toBe('{"another":"file"}\n');
  });

  it('knows all that a broker may deliver again, though it came as one large group', async () => {
    const wire = '{"sensor_id":"a","phone_id":"a87650e92820","rssi":-6,"ts":1740000000},';
    const lineOf = (ts: number) => jsonLine(reading(ts, { sensor_id: 'a', rssi: -6 }));
    const owed = Math.ceil(ACK_BOUND.bytes / wire.length);
    mkdirSync(dir());
    const lines = Array.from({ length: owed + 10 }, (_, n) => lineOf(1_740_000_000 + n));
    writeFileSync(join(dir(), 'rssi_readings.jsonl'), lines.join(''));
    await adopt(dir());

    const { known } = await recover(dir(), () => {});
    const all = [...known];
    expect(all.length).toBeGreaterThanOrEqual(owed);
    expect(all.at(-1)?.ts).toBe(1_740_000_000 + owed + 9);
    // And the memory is not too small for what is known.
    expect(REMEMBERED_READINGS).toBeGreaterThanOrEqual(KNOWN_BYTES / lineOf(1_740_000_000).length);
  });

  it('sweeps a checkpoint that was never finished', async () => {
    mkdirSync(dir());
    writeFileSync(join(dir(), 'checkpoint.json.0a1b2c3d'), '{"vers');
    const { close } = await start(dir());
    await close();
    expect(readdirSync(dir())).toEqual(['checkpoint.json']);
  });
});
