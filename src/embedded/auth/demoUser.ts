import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { either as E } from 'fp-ts';
import * as t from 'io-ts';
import { parseJson } from '../../model/json.ts';
import { writePrivateFile } from '../../production/files/privateFile.ts';
import { codeOf } from '../../production/thrown.ts';
import { DEMO_ORG_ID } from '../database/demoStore.ts';
import type { LiteDatabase } from '../database/liteDatabase.ts';
import type { Credentials, Users } from './users.ts';

const Saved = t.strict({ email: t.string, password: t.string });

const EMAIL = 'demo@neuralsense.local';

/** 120 random bits. */
const newPassword = (): string => randomBytes(15).toString('base64url');

/**
 * Who may look at the demo store: `<dataDir>/demo_user.json` (mode 600), made at the first start.
 * Its password may be changed there; a file that cannot be read is made anew.
 */
export const loadDemoUser = async (dataDir: string): Promise<Credentials> => {
  const path = join(dataDir, 'demo_user.json');
  const text = await readFile(path, 'utf8').catch((problem: unknown) => {
    if (codeOf(problem) === 'ENOENT') return '';
    throw problem;
  });
  const saved = Saved.decode(parseJson(text));
  if (E.isRight(saved)) return saved.right;
  const made = { email: EMAIL, password: newPassword() };
  await writePrivateFile(path, `${JSON.stringify(made, null, 2)}\n`);
  return made;
};

/**
 * Sees to it that the demo user can sign in with this password, and belongs to the demo
 * organisation. Sessions outlive a restart; a changed password ends them.
 */
export const ensureDemoUser = async (
  { query }: Pick<LiteDatabase, 'query'>,
  users: Users,
  demo: Credentials,
): Promise<void> => {
  if (!(await users.know(demo))) {
    await query('delete from auth.users where lower(email) = lower($1)', [demo.email]);
    const made = await users.create(demo);
    if (!made.ok) throw new Error(`no demo user could be made: ${await made.text()}`);
  }
  await query(
    `insert into public.org_members (org_id, user_id, role)
     select $1, id, 'manager' from auth.users where lower(email) = lower($2)
     on conflict do nothing`,
    [DEMO_ORG_ID, demo.email],
  );
};
