import { Writable } from 'node:stream';
import type { PipelineEvent } from '../../../src/model/shapes.ts';
import { createLog, logEvent } from '../../../src/production/log.ts';

const logged = (level: string, ...events: ReadonlyArray<PipelineEvent>): string => {
  let text = '';
  const stream = new Writable({
    write: (chunk, _encoding, done) => {
      text += String(chunk);
      done();
    },
  });
  const log = logEvent(createLog(level, stream));
  events.forEach(log);
  return text;
};

it('writes one line an event: time, level, event, details', () => {
  const event = { level: 'warn', event: 'delivery failed', sink: 'upload', attempts: 4 } as const;
  expect(logged('info', event)).toMatch(
    /^\d\d:\d\d:\d\d warn {2}delivery failed sink="upload" attempts=4\n$/,
  );
});

it('leaves out what is below its level', () => {
  const events = (['debug', 'info', 'warn', 'error'] as const).map((level) => ({
    level,
    event: `an ${level}`,
  }));
  expect(logged('warn', ...events).match(/an \w+/g)).toEqual(['an warn', 'an error']);
  expect(logged('debug', ...events).match(/an \w+/g)).toHaveLength(4);
});

it('keeps an event with a line break on one line', () => {
  const reason = 'first\nsecond';
  expect(logged('info', { level: 'info', event: 'x', reason }).match(/\n/g)).toHaveLength(1);
});

it.each([
  ['a MAC address', 'a8:76:50:e9:28:20'],
  ['one with dashes', 'A8-76-50-E9-28-20'],
  ['one with dots', 'a876.50e9.2820'],
  ['one without either', 'a87650e92820'],
  ['a hash', 'ab'.repeat(32)],
  ['an ingest token', 'nsit_1mC0-Zk_x'],
  ['a secret key', 'sb_secret_kV9_abc'],
])('lets %s through in no place', (_what, secret) => {
  const text = logged('info', {
    level: 'warn',
    event: `refused ${secret}`,
    answer: `{"readings":["got \\"${secret}\\""]}`,
    why: new Error(`no ${secret}!`),
  });
  expect(text).toContain('refused');
  expect(text.toLowerCase()).not.toContain(secret.toLowerCase());
});

it.each([
  ['text', 'a\nb\r\u001b[2J\u009b2J\u2028\u202ec'],
  ['a list', ['a\nb', '\u001b[2J']],
  ['an error', new Error('a\nb\u0007')],
])('lets %s forge no line and send no command to a terminal', (_what, why) => {
  const text = logged('info', { level: 'info', event: 'x', why });
  expect(text).toMatch(/^[^\p{Cc}\u2028\u202e]+\n$/u);
});

it.each([
  ['a batch id', '5b0c3c8e-7a51-4c5e-9d3b-0c1f2e3d4c5b'],
  ['a time', '2026-03-01T12:00:00.000Z'],
  ['a number', '123456789012'],
  ['an address', 'mqtt://127.0.0.1:1883'],
  ['a file', '20260901000000_guard_existing_tables.sql'],
])('shows %s', (_what, shown) => {
  expect(logged('info', { level: 'info', event: 'x', shown })).toContain(shown);
});
