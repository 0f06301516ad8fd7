import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lastValueFrom, type Observable } from 'rxjs';
import { followFolder } from '../../../src/commands/import/scriptFolder.ts';
import type { ScriptLine } from '../../../src/model/scriptRow.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'folder-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const texts = async (lines$: Observable<ReadonlyArray<ScriptLine>>) =>
  (await lastValueFrom(lines$, { defaultValue: [] })).map(({ text }) => text);

it('a file that cannot be read for a while costs the lines of the other one nothing', async () => {
  const dwells = join(dir, 'dwells.jsonl');
  writeFileSync(join(dir, 'zone_assignments.jsonl'), 'one\ntwo\n');
  symlinkSync(dwells, dwells);
  const { read } = followFolder(dir, 'store', join(dir, 'imports'), () => undefined);
  expect(await texts(read())).toEqual(['one', 'two']);
  await expect(texts(read())).rejects.toThrow(/dwells\.jsonl.*mend it, and import again/);
  rmSync(dwells);
  writeFileSync(dwells, 'three\n');
  expect(await texts(read())).toEqual(['three']);
  expect(await texts(read())).toEqual([]);
});
