import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { openQueue } from '../../../sensor/queue.mjs';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'queue-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const reading = (ts: number) => ({ sensor_id: 'pi1', phone_id: 'x', rssi: -60, ts });
const some = (from: number, count: number) =>
  Array.from({ length: count }, (_, i) => reading(from + i));
const open = (change: Partial<Parameters<typeof openQueue>[0]> = {}) =>
  openQueue({ dir, inMemory: 10, maxBytes: 1e6, ...change });

/** Everything that waits, as the broker would get it. */
const drain = (queue: ReturnType<typeof openQueue>): number[] => {
  const sent: number[] = [];
  for (let batch = queue.head(); batch !== undefined; batch = queue.head()) {
    sent.push(...batch.map(({ ts }) => ts));
    queue.done();
  }
  return sent;
};
const upTo = (count: number) => Array.from({ length: count }, (_, i) => i);

describe('the queue of a sensor', () => {
  it('touches no disk while the connection is good', () => {
    const queue = open();
    queue.add(some(0, 10));
    expect(drain(queue)).toEqual(upTo(10));
    expect(readdirSync(dir)).toEqual([]);
    expect(queue.head()).toBeUndefined();
  });

  it('hands the same batch out until it has arrived', () => {
    const queue = open();
    queue.add(some(0, 5));
    const first = queue.head();
    queue.add(some(5, 1));
    expect(queue.head()).toBe(first);
    expect(queue.waiting()).toBe(6);
    queue.done();
    expect(queue.head()?.map(({ ts }) => ts)).toEqual([5]);
  });

  it('keeps the order over memory and files, and removes files that were sent', () => {
    const queue = open();
    for (let i = 0; i < 50; i++) queue.add([reading(i)]);
    expect(readdirSync(dir).length).toBeGreaterThan(2);
    expect(queue.waiting()).toBe(50);
    expect(drain(queue)).toEqual(upTo(50));
    expect([readdirSync(dir), queue.waiting()]).toEqual([[], 0]);
  });

  it('outlasts its process', () => {
    const before = open();
    before.add(some(0, 25));
    before.add(some(25, 5));
    before.head();
    before.close();
    const after = open();
    expect(after.waiting()).toBe(30);
    after.add(some(30, 3));
    expect(drain(after)).toEqual(upTo(33));
  });

  it('after a power cut sends again only what was under way', () => {
    const before = open();
    before.add(some(0, 1_200));
    before.head();
    before.done();
    before.head();
    const after = open();
    expect(after.waiting()).toBe(700);
    expect(drain(after)).toEqual(upTo(1_200).slice(500));
  });

  it('loses and doubles nothing, however sending and adding take turns', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 30 }), { maxLength: 15 }), (steps) => {
        rmSync(dir, { recursive: true, force: true });
        const queue = open({ inMemory: 5 });
        const sent: number[] = [];
        let count = 0;
        for (const step of steps) {
          const batch = queue.head();
          queue.add(some(count, step));
          count += step;
          // An even step: the batch that was under way arrives.
          if (batch !== undefined && step % 2 === 0) {
            sent.push(...batch.map(({ ts }) => ts));
            queue.done();
          }
          expect(queue.waiting()).toBe(count - sent.length);
        }
        sent.push(...drain(queue));
        expect([...sent].sort((a, b) => a - b)).toEqual(upTo(count));
      }),
      { numRuns: 40 },
    );
  });

  it('drops the oldest when the disk is as full as it may be, and counts them', () => {
    const queue = open({ maxBytes: 2_000 });
    for (let i = 0; i < 200; i++) queue.add([reading(i)]);
    const sent = drain(queue);
    expect(sent.length).toBeLessThan(100);
    expect(sent.at(-1)).toBe(199);
    expect(queue.dropped() + sent.length).toBe(200);
  });

  it('goes on in memory, within bounds, where the disk takes nothing', () => {
    const queue = open();
    rmSync(dir, { recursive: true });
    for (let i = 0; i < 500; i++) queue.add([reading(i)]);
    expect(queue.waiting()).toBeLessThanOrEqual(110);
    const sent = drain(queue);
    expect(sent.at(-1)).toBe(499);
    expect(queue.dropped() + sent.length).toBe(500);
  });

  it('leaves out a line that a power cut has spoilt', () => {
    writeFileSync(join(dir, '000000000007.jsonl'), `${JSON.stringify(reading(1))}\n{"senso`);
    writeFileSync(join(dir, '000000000008.jsonl.new'), 'half');
    const queue = open();
    expect(drain(queue)).toEqual([1]);
  });

  it.each(['null', '7', '[]', '{}', '{"sensor_id":"pi1","phone_id":"x","rssi":"-60","ts":1}'])(
    'leaves out a line that holds no reading: %s',
    (line) => {
      const text = `${line}\n${JSON.stringify(reading(1))}\n`;
      writeFileSync(join(dir, '000000000007.jsonl'), text);
      const queue = open();
      expect(queue.waiting()).toBe(1);
      expect(drain(queue)).toEqual([1]);
    },
  );

  it('goes on beside what it cannot read, at each start, and leaves it alone', () => {
    mkdirSync(join(dir, '000000000007.jsonl'));
    for (const start of [1, 2]) {
      const before = open();
      before.add([reading(start)]);
      before.close();
      expect(drain(open())).toEqual([start]);
    }
    expect(readdirSync(dir)).toEqual(['000000000007.jsonl']);
  });
});
