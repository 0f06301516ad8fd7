import { mkdirSync, mkdtempSync, readdirSync, rmSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { asyncScheduler, EMPTY, firstValueFrom, lastValueFrom, of } from 'rxjs';
import type { PipelineEvent } from '../../../../src/model/shapes.ts';
import { deadLetterBox } from '../../../../src/production/files/deadLetterBox.ts';
import { DISK } from '../../../../src/production/files/disk.ts';
import { redrives } from '../../../../src/streams/redrives.ts';
import { ingested, upload } from '../../../support/uploads.ts';

let dir: string;
let logged: PipelineEvent[];
const log = (event: PipelineEvent) => logged.push(event);
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'letter-box-'));
  logged = [];
});
afterEach(() => rmSync(dir, { recursive: true }));

const tickets = () => readdirSync(join(dir, 'redriving', 'lock'));
const until = async (isSo: () => boolean) => {
  for (let tries = 0; tries < 400 && !isSo(); tries += 1) await sleep(5);
};
const failing = (code: string) => ({
  ...DISK,
  readdirSync: () => {
    throw Object.assign(new Error(`${code}: ${dir}`), { code });
  },
});

it('holds the directory while somebody listens', async () => {
  const { letters$ } = deadLetterBox(dir, 'a test', log);
  expect(await firstValueFrom(letters$)).toEqual([]);
  await until(() => tickets().length === 0);
  expect(tickets()).toEqual([]);
});

it.each(['EIO', 'EMFILE'])(
  'errors where letters cannot be read (%s), and lets go',
  async (code) => {
    const { letters$ } = deadLetterBox(dir, 'a test', log, failing(code));
    await expect(firstValueFrom(letters$)).rejects.toThrow(code);
    await until(() => tickets().length === 0);
    expect(tickets()).toEqual([]);
  },
);

it('puts a round off, and tells what to do, where files belong to another user', async () => {
  const { letters$ } = deadLetterBox(dir, 'a test', log, failing('EACCES'));
  const env = { scheduler: asyncScheduler, random: Math.random, log };
  const policy = { intervalMs: 1, restMs: 1, triesToBlame: 4 };
  const arrived = {
    _tag: 'Delivered',
    sink: 'upload',
    item: upload(1, []),
    receipt: ingested(upload(1, [])),
    attempts: 1,
    latencyMs: 1,
  } as const;
  const redriven$ = of(arrived).pipe(redrives(letters$, () => EMPTY, policy, env));
  await lastValueFrom(redriven$, { defaultValue: undefined });
  expect(logged).toEqual([
    {
      level: 'warn',
      event: 'redrive put off',
      reason: `EACCES: ${dir}`,
      advice: expect.stringContaining('chown'),
    },
  ]);
});

it('logs that it cannot let go, and goes on', async () => {
  const { letters$ } = deadLetterBox(dir, 'a test', log);
  let isLent = false;
  const listening = letters$.subscribe(() => {
    isLent = true;
    const [ticket = ''] = tickets();
    const path = join(dir, 'redriving', 'lock', ticket);
    // What is a directory now cannot be unlinked.
    unlinkSync(path);
    mkdirSync(path);
  });
  await until(() => isLent);
  listening.unsubscribe();
  await until(() => logged.length > 0);
  expect(logged).toMatchObject([{ level: 'warn', event: 'redrive lock not released', dir }]);
});
