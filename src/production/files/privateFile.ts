import { randomBytes } from 'node:crypto';
import { DISK, type Disk } from './disk.ts';

/**
 * Replaces `path` in one step by a file that only its owner can read (mode 600):
 * a reader sees the old text or the new one, never half of it.
 */
export const writePrivateFile = async (
  path: string,
  text: string,
  { promises }: Pick<Disk, 'promises'> = DISK,
): Promise<void> => {
  const draft = `${path}.${randomBytes(4).toString('hex')}`;
  try {
    await promises.writeFile(draft, text, { mode: 0o600, flag: 'wx', flush: true });
    await promises.rename(draft, path);
  } catch (error) {
    await promises.rm(draft, { force: true });
    throw error;
  }
};
