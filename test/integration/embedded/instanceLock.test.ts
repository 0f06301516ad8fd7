import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lockDirectory } from '../../../src/production/instanceLock.ts';
import { runScript } from './otherProcess.ts';

describe('lockDirectory', () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'lock-'));
  });
  afterEach(() => rm(dir, { recursive: true, force: true }));

  it('refuses a second user in the same process, until the first lets go', async () => {
    const first = await lockDirectory(dir, 'the pipeline');
    await expect(lockDirectory(dir, 'a second one')).rejects.toThrow(
      `${dir} is in use by process ${process.pid} (the pipeline). Close it there first`,
    );
    await first.release();
    const second = await lockDirectory(dir, 'a second one');
    await second.release();
    expect(await readdir(join(dir, 'lock'))).toEqual([]);
  });

  it('names the other process that has it, and takes over when that was killed', async () => {
    const other = await runScript('holdDirectory.ts', dir);
    await expect(lockDirectory(dir, 'the pipeline')).rejects.toThrow(
      `is in use by process ${other.pid} (another pipeline). Stop it (kill ${other.pid})`,
    );
    await other.kill();
    const lock = await lockDirectory(dir, 'the pipeline');
    await lock.release();
  });

  it('a refused one leaves the holder in place', async () => {
    const first = await lockDirectory(dir, 'the pipeline');
    const refused = () => expect(lockDirectory(dir, 'x')).rejects.toThrow('(the pipeline)');
    await refused();
    await refused();
    await first.release();
  });

  it('is not fooled by a dead process whose pid lives again', async () => {
    const folder = join(dir, 'lock');
    await mkdir(folder);
    // Our own pid from before a restart, and a living pid that was born at another time.
    await writeFile(join(folder, `${process.pid}-1.0badcafe-00000001`), 'of old');
    await writeFile(join(folder, `${process.ppid}-1.0badcafe-00000002`), 'of old');
    const lock = await lockDirectory(dir, 'the pipeline');
    expect(await readdir(folder)).toHaveLength(1);
    await lock.release();
  });

  it('leaves nothing behind where it failed for another reason than a holder', async () => {
    const ticketOfTheDead = join(dir, 'lock', `${process.pid}-1.0badcafe-00000001`);
    // A directory cannot be swept.
    await mkdir(ticketOfTheDead, { recursive: true });
    await expect(lockDirectory(dir, 'the pipeline')).rejects.toThrow('is a directory');
    await rm(ticketOfTheDead, { recursive: true });
    const lock = await lockDirectory(dir, 'the pipeline');
    await lock.release();
    expect(await readdir(join(dir, 'lock'))).toEqual([]);
  });

  it('creates a directory that is not there', async () => {
    const lock = await lockDirectory(join(dir, 'deep', 'down'), 'the pipeline');
    await lock.release();
  });
});
