import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inRepository, runCli } from '../support/cli.ts';

const PROBES = inRepository('test/fixtures/brno/probes.csv');
const cwd = mkdtempSync(join(tmpdir(), 'footfall-'));
afterAll(() => rmSync(cwd, { recursive: true }));

describe('footfall', () => {
  it('estimates people where ids are ten times as many, and says it is an estimate', async () => {
    const { code, said } = await runCli(cwd, ['footfall', '--probes', PROBES, '--every', '10']);
    expect({ code, said }).toMatchObject({ code: 0, said: expect.stringContaining('an estimate') });
    const report = JSON.parse(said.trimEnd().split('\n').at(-1) ?? '');
    expect(report).toMatchObject({
      estimate: true,
      recording: { ids: 239, most_people_counted: 16 },
      score: { intervals: 2, coverage: 1 },
    });
    expect(report.score.times_better).toBeGreaterThan(10);
    for (const { people, low, high, counted } of report.intervals) {
      expect(counted).toBe(16);
      expect(Math.abs(people - 16)).toBeLessThan(4);
      expect([low, people, high]).toEqual([low, people, high].sort((a, b) => a - b));
    }
  });

  it('says what it leaves out, and why', async () => {
    const probes = ['datetime,src,rssi'];
    for (let minute = 10; minute < 40; minute += 1)
      probes.push(`2026-03-02 10:${minute}:00,da:00:00:11:22:${minute},-50`);
    writeFileSync(join(cwd, 'named.csv'), [...probes, '2026-03-02 10:50:00,Acme_1,-50'].join('\n'));
    const { code, said } = await runCli(cwd, ['footfall', '--probes', 'named.csv']);
    expect({ code, said }).toEqual({
      code: 0,
      said: expect.stringMatching(/left out: 1 of named\.csv: src holds no address.*on line 32/),
    });
  });

  it('says what is wrong with a file', async () => {
    const { code, said } = await runCli(cwd, ['footfall', '--probes', 'none.csv']);
    expect(code).toBe(1);
    expect(said).toContain('--probes: ENOENT');
  });
});
