import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asyncScheduler, finalize, interval, lastValueFrom, map, take, toArray } from 'rxjs';
import { type Commit, EMPTY_SNAPSHOT } from '../../src/model/checkpoint.ts';
import type { PipelineEvent } from '../../src/model/shapes.ts';
import { jsonlFiles } from '../../src/production/files/jsonlFiles.ts';
import { recover } from '../../src/production/files/recovery.ts';
import { jsonlSink } from '../../src/sinks/jsonlSink.ts';

const DISK_BYTES = 262_144;
/** For what is noted of 200 lines, 23 kB, and for a part of the lines themselves. */
const ROOM_BYTES = 36_864;

/** A real disk, and a very small one. */
let disk: string;
let ballast: string;

beforeEach(() => {
  disk = mkdtempSync(join(tmpdir(), 'disk-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_BYTES}`, 'tmpfs', disk]);
  ballast = join(disk, 'ballast');
});
afterEach(() => {
  execFileSync('umount', [disk]);
  rmdirSync(disk);
});

/** Fills the disk, but for so much. */
const fillBut = (bytes: number): void => {
  const { bavail, bsize } = statfsSync(disk);
  writeFileSync(ballast, Buffer.alloc(bavail * bsize - bytes));
};

const open = () =>
  jsonlFiles({
    dir: disk,
    maxBytes: 1e9,
    retentionDays: 1,
    now: Date.now,
    log: () => {},
  });
const written = (): string => readFileSync(join(disk, 'dwells.jsonl'), 'utf8');
const numbered = (count: number, chars = 100): ReadonlyArray<string> =>
  Array.from({ length: count }, (_, n) => `${JSON.stringify({ n, pad: 'x'.repeat(chars) })}\n`);

it('a hand-over that does not fit errors, and leaves no part of itself once the disk has room', async () => {
  fillBut(ROOM_BYTES);
  const { append, close } = open();
  const dwells = append('dwells');
  const [first = '', ...rest] = numbered(200);
  await lastValueFrom(dwells([first]), { defaultValue: undefined });
  await expect(lastValueFrom(dwells(rest))).rejects.toMatchObject({ code: 'ENOSPC' });
  expect(written().startsWith(first)).toBe(true);
  expect(written().endsWith('\n')).toBe(false);
  await expect(lastValueFrom(dwells(rest))).rejects.toMatchObject({ code: 'ENOSPC' });

  rmSync(ballast);
  await lastValueFrom(dwells(rest), { defaultValue: undefined });
  await close();
  expect(written()).toBe([first, ...rest].join(''));
});

it('a process that ends while the disk is full leaves whole lines to the next one', async () => {
  fillBut(ROOM_BYTES);
  const killed = open();
  const lines = numbered(200);
  await expect(lastValueFrom(killed.append('dwells')(lines))).rejects.toThrow('ENOSPC');
  await killed.close();
  rmSync(ballast);

  const next = open();
  await lastValueFrom(next.append('dwells')(['{"n":"next"}\n']), { defaultValue: undefined });
  await next.close();
  const kept = written().split('\n').slice(0, -2);
  expect(kept.length).toBeGreaterThan(0);
  expect(`${kept.join('\n')}\n`).toBe(lines.slice(0, kept.length).join(''));
  expect(written().endsWith('\n{"n":"next"}\n')).toBe(true);
});

it('the sink says so, waits for room, and loses and doubles no line', async () => {
  fillBut(12_288);
  const logged: PipelineEvent[] = [];
  const env = {
    scheduler: asyncScheduler,
    random: () => 0.1,
    log: (event: PipelineEvent) => {
      logged.push(event);
      if (logged.length === 3) rmSync(ballast);
    },
  };
  const { append, close } = open();
  const COUNT = 300;
  const outcomes = await lastValueFrom(
    interval(2).pipe(
      take(COUNT),
      map((n) => ({ n, pad: 'x'.repeat(100) })),
      jsonlSink('dwells', append('dwells'), env),
      toArray(),
      finalize(close),
    ),
  );
  expect(logged).toEqual(
    Array(3).fill(
      expect.objectContaining({
        event: 'delivery retried',
        reason: expect.stringContaining('ENOSPC'),
      }),
    ),
  );
  expect(outcomes.every(({ _tag }) => _tag === 'Delivered')).toBe(true);
  expect(outcomes.flatMap(({ item }) => item)).toHaveLength(COUNT);
  expect(written()).toBe(numbered(COUNT).join(''));
}, 30_000);

it('a commit that does not fit changes nothing, and all of it at once when the disk has room', async () => {
  const { append, commit, close } = open();
  const flush = (n: number, count: number): Commit => ({
    lines: { rssi_vectors: [`{"v":${n}}\n`], zone_assignments: numbered(count) },
    state: { ...EMPTY_SNAPSHOT, sensors: new Map([['pi1', n]]) },
  });
  await lastValueFrom(append('rssi_readings')(['{"r":1}\n']));
  await lastValueFrom(commit(flush(1, 1)));
  fillBut(ROOM_BYTES);
  for (const _again of [1, 2])
    await expect(lastValueFrom(commit(flush(2, 200)))).rejects.toMatchObject({ code: 'ENOSPC' });

  const found = await recover(disk, () => {});
  expect(found.state.sensors).toEqual(new Map([['pi1', 1]]));
  rmSync(ballast);
  await lastValueFrom(commit(flush(2, 200)));
  await close();
  const read = (name: string): string => readFileSync(join(disk, name), 'utf8');
  expect(read('rssi_vectors.jsonl')).toBe('{"v":1}\n{"v":2}\n');
  expect(read('zone_assignments.jsonl')).toBe([...numbered(1), ...numbered(200)].join(''));
  const again = await recover(disk, () => {});
  expect([again.state.sensors, again.linesTakenBack]).toEqual([new Map([['pi1', 2]]), 0]);
});
