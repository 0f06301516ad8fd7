import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const project = resolve('.');

/** The project's tree and rules with files planted in it; what the tool said and its exit code. */
const judged = (tool: ReadonlyArray<string>, planted: Readonly<Record<string, string>>) => {
  const tree = mkdtempSync(join(tmpdir(), 'gate-'));
  try {
    for (const rules of ['biome.json', 'lint', '.dependency-cruiser.cjs', 'tsconfig.json', 'src'])
      cpSync(join(project, rules), join(tree, rules), { recursive: true });
    mkdirSync(join(tree, 'supabase'));
    cpSync(join(project, 'supabase/functions'), join(tree, 'supabase/functions'), {
      recursive: true,
    });
    symlinkSync(join(project, 'node_modules'), join(tree, 'node_modules'));
    for (const [path, source] of Object.entries(planted)) writeFileSync(join(tree, path), source);
    const [command = '', ...args] = tool;
    const bin = join(project, 'node_modules/.bin', command);
    const { status, stdout, stderr } = spawnSync(bin, args, { cwd: tree, encoding: 'utf8' });
    return { status, said: stdout + stderr };
  } finally {
    rmSync(tree, { recursive: true, force: true });
  }
};

const LINT = ['biome', 'lint', '--vcs-enabled=false', '--error-on-warnings', 'src/operators'];
const IMPORTS = ['depcruise', '--config', '.dependency-cruiser.cjs', 'src', 'supabase/functions'];

describe('lint refuses in the pure floors', () => {
  it.each([
    ['the clock', 'export const now = () => Date.now();', 'Time and randomness come in'],
    ['a date of now', 'export const now = () => new Date();', 'Time and randomness come in'],
    ['randomness', 'export const dice = () => Math.random();', 'Time and randomness come in'],
    ['a timer', 'export const later = (f: () => void) => setTimeout(f, 1);', 'env.scheduler'],
    ['the console', "export const say = () => console.log('x');", 'noConsole'],
    ['settings', 'export const home = () => process.env;', 'Settings and signals come in'],
    ['a barrel', "export * from './batch.ts';", 'noBarrelFile'],
  ])('%s', (_what, source, reason) => {
    const { status, said } = judged(LINT, { 'src/operators/planted.ts': `${source}\n` });
    expect(said).toContain(reason);
    expect(status).not.toBe(0);
  });

  it('nothing that is there now', () => {
    expect(judged(LINT, {}).status).toBe(0);
  });
});

test('the import direction refuses what runs up, and nothing else', () => {
  const { status, said } = judged(IMPORTS, {
    'src/model/planted.ts': "export { batch } from '../operators/batch.ts';\n",
    'src/operators/planted.ts': "export { linesOf } from '../sources/replayReadings.ts';\n",
    'src/sinks/planted.ts': "export { readFileSync } from 'node:fs';\n",
    'src/streams/planted.ts': "export { hashMac } from '../production/hashMac.ts';\n",
  });
  const broken = [...said.matchAll(/error (\S+): (\S+)/g)].map(
    ([, rule, file]) => `${file} ${rule}`,
  );

  expect(broken.sort()).toEqual([
    'src/model/planted.ts model-imports-nothing-above',
    'src/operators/planted.ts operators-know-no-source',
    'src/sinks/planted.ts no-node-below-main',
    'src/streams/planted.ts embedded-and-production-for-main-only',
    'src/streams/planted.ts streams-imports-nothing-above',
  ]);
  expect(status).not.toBe(0);
});
