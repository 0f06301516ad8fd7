import { Closers } from '../../../src/production/closers.ts';

let closed: string[];
let closers: Closers;
const add = (name: string, problem?: string) =>
  closers.add(async () => {
    closed.push(name);
    if (problem !== undefined) throw new Error(problem);
  });
beforeEach(() => {
  closed = [];
  closers = new Closers();
});

it('closes what was opened last first, once', async () => {
  add('lock');
  add('files');
  await closers.close();
  await closers.close();
  expect(closed).toEqual(['files', 'lock']);
});

it('closes the rest where one cannot be closed, and then tells the first problem', async () => {
  add('lock');
  add('database', 'database: too late');
  add('broker', 'broker: no answer');
  add('files');
  await expect(closers.close()).rejects.toThrow('broker: no answer');
  expect(closed).toEqual(['files', 'broker', 'database', 'lock']);
});

it('tells what ended the work rather than what came of it', async () => {
  add('lock');
  add('files', 'files: no space left');
  const work = closers.after(async () => {
    throw new Error('another pipeline has this client id');
  });
  await expect(work).rejects.toThrow('another pipeline');
  expect(closed).toEqual(['files', 'lock']);
});

it('tells of work that went well what closing came to', async () => {
  add('files', 'files: no space left');
  await expect(closers.after(async () => undefined)).rejects.toThrow('no space left');
});
