import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { failedUpload } from '../../../../src/model/failedUpload.ts';
import { loadLetter, readDeadLetters } from '../../../../src/production/files/deadLetters.ts';
import { assignment } from '../../../support/readings.ts';
import { upload } from '../../../support/uploads.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'letters-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

const letter = (batch: number, failedAt: number, reason = 'HTTP 500') =>
  failedUpload({
    _tag: 'DeadLetter',
    sink: 'upload',
    item: upload(batch, [assignment(1)]),
    attempts: 4,
    error: { _tag: 'Transient', reason },
    firstAttemptAt: failedAt - 1_000,
    failedAt,
  });
const write = (file: string, ...lines: ReadonlyArray<object | string>) => {
  for (const line of lines)
    appendFileSync(join(dir, file), `${typeof line === 'string' ? line : JSON.stringify(line)}\n`);
};

/** The letters that wait, whole. */
const pending = () => readDeadLetters(dir).pending.map((one) => loadLetter(one));

it('finds none where there are none, not even a directory', () => {
  const none = { pending: [], unreadable: 0 };
  expect(readDeadLetters(dir)).toEqual(none);
  expect(readDeadLetters(join(dir, 'nowhere'))).toEqual(none);
});

it('reads rotated files too, oldest failure first', () => {
  write('failed_uploads.jsonl', letter(3, 3_000));
  write('failed_uploads.2026-03-01.1.jsonl', letter(2, 2_000), letter(1, 1_000));
  write('failed_uploads.jsonl.bak', letter(4, 4_000));
  expect(pending()).toEqual([letter(1, 1_000), letter(2, 2_000), letter(3, 3_000)]);
});

it('leaves out what has arrived since, wherever that was written down', () => {
  write('failed_uploads.jsonl', letter(1, 1_000), letter(2, 2_000), letter(3, 3_000));
  const arrived = (batch: number) => ({ batch_id: upload(batch, []).batch_id, redriven_at: 9 });
  write('redriven_uploads.jsonl', arrived(1), '{"batch_id":');
  write('redriven_uploads.2026-03-01.1.jsonl', arrived(3));
  expect(pending()).toEqual([letter(2, 2_000)]);
  expect(readDeadLetters(dir).unreadable).toBe(0);
});

it('lists a batch that failed twice once, as it failed last', () => {
  write('failed_uploads.jsonl', letter(1, 5_000, 'late'), letter(1, 1_000, 'early'));
  expect(pending()).toEqual([letter(1, 5_000, 'late')]);
});

it('counts lines that it cannot read, and reads their neighbours', () => {
  const { upload: _left, ...incomplete } = letter(2, 2_000);
  write('failed_uploads.jsonl', '{"torn":', letter(1, 1_000), '', incomplete);
  write('failed_uploads.jsonl', { ...letter(3, 3_000), schema_version: 2 });
  expect(pending()).toEqual([letter(1, 1_000)]);
  expect(readDeadLetters(dir).unreadable).toBe(3);
});

it('knows letters without their rows, and does not mistake another line for one', () => {
  write('failed_uploads.jsonl', letter(1, 1_000), letter(2, 2_000));
  const waiting = readDeadLetters(dir).pending;
  expect(
    waiting.map(({ batch_id, rows, retryable, attempts }) => [batch_id, rows, retryable, attempts]),
  ).toEqual([
    [upload(1, []).batch_id, 1, true, 4],
    [upload(2, []).batch_id, 1, true, 4],
  ]);
  const [first, second] = waiting;
  if (!first || !second) throw new Error('no letters');
  expect(() => loadLetter({ ...second, offset: first.offset })).toThrow('not where it was');
  expect(() => loadLetter({ ...second, offset: 1e6 })).toThrow('not where it was');
});
