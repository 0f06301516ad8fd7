import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { either as E } from 'fp-ts';
import * as t from 'io-ts';
import { explain } from '../../supabase/functions/_shared/codec.ts';
import { writePrivateFile } from '../production/files/privateFile.ts';
import { codeOf } from '../production/thrown.ts';

/** What the embedded Supabase must keep to itself, and from one start to the next. */
export const Secrets = t.strict({
  publishableKey: t.string,
  secretKey: t.string,
  /** Signs the sessions of dashboard users. */
  jwtSecret: t.string,
  /** Lets the gateway write to its store. */
  ingestToken: t.string,
  /** Turns a MAC address into its hash; another one makes strangers of all known visitors. */
  phoneHashSecret: t.string,
});
export type Secrets = t.TypeOf<typeof Secrets>;

const random = (): string => randomBytes(32).toString('base64url');

const create = async (): Promise<Secrets> => {
  const { generateApiKey } = await import('@supabase/lite');
  return {
    publishableKey: (await generateApiKey('publishable')).key,
    secretKey: (await generateApiKey('secret')).key,
    jwtSecret: random(),
    ingestToken: `nsit_${random()}`,
    phoneHashSecret: random(),
  };
};

const readIfThere = async (path: string): Promise<string | undefined> => {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
};

const parse = (path: string, text: string): Secrets => {
  const decoded = E.chain((json: unknown) => E.mapLeft(explain)(Secrets.decode(json)))(
    E.tryCatch(
      (): unknown => JSON.parse(text),
      () => ['is not JSON'],
    ),
  );
  if (E.isRight(decoded)) return decoded.right;
  throw new Error(
    `${path} cannot be used (${decoded.left.join('; ')}). Restore it, or delete it to get new ` +
      'secrets: known visitors will then count as new ones.',
  );
};

/**
 * The secrets of `<dataDir>/secrets.json` (mode 600), made at the first start.
 * A damaged file is refused, never replaced.
 */
export const loadSecrets = async (dataDir: string): Promise<Secrets> => {
  const path = join(dataDir, 'secrets.json');
  const text = await readIfThere(path);
  if (text !== undefined) return parse(path, text);
  const secrets = await create();
  await writePrivateFile(path, `${JSON.stringify(secrets, null, 2)}\n`);
  return secrets;
};
