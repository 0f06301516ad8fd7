import { Writable } from 'node:stream';
import { WriteStream } from 'node:tty';
import { jest } from '@jest/globals';
import { openTerminal, progressBar } from '../../../src/production/terminal.ts';

/** What a terminal (or, without `columns`, a pipe) is sent. */
const output = (columns?: number) => {
  const sent: string[] = [];
  const stream = new Writable({
    write: (chunk, _encoding, done) => {
      sent.push(String(chunk));
      done();
    },
  });
  const tty = { isTTY: columns !== undefined, columns };
  return {
    sent,
    stream: Object.assign(
      Object.create(WriteStream.prototype),
      { write: stream.write.bind(stream) },
      tty,
    ),
  };
};

const CLEAR = '\r\u001b[2K';

it('keeps one status line below everything else', () => {
  const { sent, stream } = output(80);
  const terminal = openTerminal(stream);
  expect(terminal.isInteractive).toBe(true);
  terminal.print('hello\n');
  terminal.status('  1 reading');
  terminal.log.write('a warning\n');
  terminal.status('  2 readings');
  expect(sent).toEqual([
    'hello\n',
    `${CLEAR}  1 reading`,
    `${CLEAR}a warning\n  1 reading`,
    `${CLEAR}  2 readings`,
  ]);
});

it('replaces several status lines together', () => {
  const { sent, stream } = output(80);
  const terminal = openTerminal(stream);
  terminal.status('  1 reading', '', '  NOT SAVING');
  terminal.print('hello\n');
  terminal.status('  2 readings');
  terminal.status('');
  const clearBoth = '\r\u001b[1A\u001b[J';
  expect(sent).toEqual([
    `${CLEAR}  1 reading\n  NOT SAVING`,
    `${clearBoth}hello\n  1 reading\n  NOT SAVING`,
    `${clearBoth}  2 readings`,
    CLEAR,
  ]);
});

it('lets no status line wrap', () => {
  const { sent, stream } = output(30);
  openTerminal(stream).status('x'.repeat(50));
  expect(sent).toEqual([`${CLEAR}${'x'.repeat(29)}`]);
});

it('lets no status, which may repeat what a server said, command the terminal or tell an address', () => {
  const { sent, stream } = output();
  openTerminal(stream).status('  uploads wait: \u001b[2J\nforged a8:76:50:e9:28:20');
  expect(sent).toEqual(['  uploads wait: \\u001b[2J\\u000aforged …\n']);
});

it('writes plain lines where there is no terminal', () => {
  const { sent, stream } = output();
  const terminal = openTerminal(stream);
  expect(terminal.isInteractive).toBe(false);
  terminal.status('  1 reading', '  NOT SAVING');
  terminal.status('');
  terminal.log.write('a warning\n');
  terminal.print('bye\n');
  expect(sent).toEqual(['  1 reading\n  NOT SAVING\n', 'a warning\n', 'bye\n']);
});

it('repeats no line that stands as it stood, where there is no terminal', () => {
  const now = jest.spyOn(Date, 'now');
  const { sent, stream } = output();
  const { status } = openTerminal(stream);
  const statusAt = (ms: number, ...lines: string[]) => {
    now.mockReturnValue(ms);
    status(...lines);
  };
  statusAt(10_000, '  1 reading', '  NOT SAVING');
  statusAt(15_000, '  2 readings', '  NOT SAVING');
  statusAt(20_000, '  3 readings');
  statusAt(25_000, '  3 readings', '  NOT SAVING');
  now.mockRestore();
  expect(sent.join('')).toBe(
    '  1 reading\n  NOT SAVING\n  2 readings\n  3 readings\n  NOT SAVING\n',
  );
});

it('outlives its reader', () => {
  const { sent, stream } = output();
  const terminal = openTerminal(stream);
  const gone = Object.assign(new Error('write EPIPE'), { code: 'EPIPE' });
  expect(() => stream.emit('error', gone)).not.toThrow();
  terminal.print('perhaps somebody reads again\n');
  expect(sent).toEqual(['perhaps somebody reads again\n']);
});

it.each([
  [0, `  ${'░'.repeat(30)}   0 %  said`],
  [0.5, `  ${'█'.repeat(15)}${'░'.repeat(15)}  50 %  said`],
  [1, `  ${'█'.repeat(30)} 100 %  said`],
])('draws %d as a bar', (done, bar) => {
  expect(progressBar(done, 'said')).toBe(bar);
});

it.each([-1, 2])('draws no bar beyond its ends for %d', (done) => {
  expect(progressBar(done, '')).toMatch(/^ {2}[█░]{30} /);
});
