import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openQueue } from '../../sensor/queue.mjs';

const DISK_BYTES = 65_536;
const FIRST = 1_795_417_462;

/** A real disk, and a very small one. */
let disk: string;
beforeEach(() => {
  disk = mkdtempSync(join(tmpdir(), 'disk-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_BYTES}`, 'tmpfs', disk]);
});
afterEach(() => {
  execFileSync('umount', [disk]);
  rmdirSync(disk);
});

const open = () => openQueue({ dir: disk, inMemory: 5, maxBytes: 64e6 });
/** A second of a busy shop. */
const second = (n: number) =>
  Array.from({ length: 200 }, (_, i) => ({
    sensor_id: 'pi1',
    phone_id: 'a8:76:50:e9:28:20',
    rssi: -60,
    ts: FIRST + n + i / 200,
  }));
const hear = (queue: ReturnType<typeof open>, seconds: number): number => {
  for (let n = 0; n < seconds; n++) queue.add(second(n));
  return seconds * 200;
};
const drain = (queue: ReturnType<typeof open>): number => {
  let sent = 0;
  for (let batch = queue.head(); batch !== undefined; batch = queue.head()) {
    sent += batch.length;
    queue.done();
  }
  return sent;
};

it.each([1, 2, 3])('readings of which it takes a part, %d pages, are sent or counted', (pages) => {
  writeFileSync(join(disk, 'ballast'), Buffer.alloc(pages * 4_096));
  const queue = open();
  const heard = hear(queue, 12);
  expect(queue.waiting() + queue.dropped()).toBe(heard);
  expect(drain(queue) + queue.dropped()).toBe(heard);
});

it('what was written in part is no file of the queue, and leaves its room to others', () => {
  const queue = open();
  hear(queue, 12);
  expect(readdirSync(disk).filter((name) => !name.endsWith('.jsonl'))).toEqual([]);
});

it('at its end it counts what the disk does not take', () => {
  const queue = open();
  const heard = hear(queue, 12);
  expect(queue.close()).toBeGreaterThan(0);
  expect(drain(open()) + queue.dropped()).toBe(heard);
});

it('an older process’s part of a file is removed', () => {
  writeFileSync(join(disk, '000000000008.jsonl.new'), Buffer.alloc(DISK_BYTES, 'x'));
  const queue = open();
  queue.add(second(0));
  expect(readdirSync(disk)).toEqual(['000000000001.jsonl']);
  expect(drain(queue)).toBe(200);
});
