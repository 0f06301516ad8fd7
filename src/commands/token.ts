import { randomBytes } from 'node:crypto';
import { Command, InvalidArgumentError } from 'commander';
import * as t from 'io-ts';
import { Uuid } from '../../supabase/functions/_shared/contract.ts';
import { hashIngestToken } from '../../supabase/functions/_shared/ingestToken.ts';
import { openTerminal, type Terminal } from '../production/terminal.ts';
import {
  type Administration,
  adminConfig,
  chosenStore,
  openAdministration,
} from './administration.ts';

interface OfStore {
  readonly store?: string;
}

const nullable = t.union([t.string, t.null]);
const ListedToken = t.strict({
  token_id: Uuid,
  of_store: Uuid,
  label: t.string,
  created_at: t.string,
  last_used_at: nullable,
  expires_at: nullable,
  revoked_at: nullable,
  is_valid: t.boolean,
});
type ListedToken = t.TypeOf<typeof ListedToken>;

const withDatabase = async (
  work: (admin: Administration, terminal: Terminal) => Promise<void>,
): Promise<void> => {
  const terminal = openTerminal(process.stderr);
  const admin = await openAdministration(adminConfig(), terminal.status);
  try {
    await work(admin, terminal);
  } finally {
    await admin.close();
  }
};

/** The one moment at which a token is seen: stdout, so that it can be piped to where it belongs. */
const show = (token: string, terminal: Terminal): void => {
  terminal.print(
    '\n  Put this line into .env: it is shown this once, the database keeps its hash.\n\n',
  );
  process.stdout.write(`INGEST_TOKEN=${token}\n`);
};

/** 256 random bits; the beginning says to a reader, and to secret scanners, what it is. */
const newToken = (): string => `nsit_${randomBytes(32).toString('base64url')}`;

interface CreateOptions extends OfStore {
  readonly label: string;
  readonly expires?: Date;
}

const create = ({ store, label, expires }: CreateOptions): Promise<void> =>
  withDatabase(async (admin, terminal) => {
    const token = newToken();
    const args = {
      store_id: chosenStore(store, admin),
      label,
      token_hash: await hashIngestToken(token),
      ...(expires && { expires_at: expires.toISOString() }),
    };
    const id = await admin.call('create_ingest_token', args, Uuid);
    terminal.print(`\n  Token ${id} ("${label}") may write to store ${args.store_id}.\n`);
    show(token, terminal);
  });

interface RotateOptions extends OfStore {
  readonly oldExpires?: Date;
}

const rotate = ({ store, oldExpires }: RotateOptions): Promise<void> =>
  withDatabase(async (admin, terminal) => {
    const token = newToken();
    const args = {
      store_id: chosenStore(store, admin),
      token_hash: await hashIngestToken(token),
      ...(oldExpires && { old_expires_at: oldExpires.toISOString() }),
    };
    const id = await admin.call('rotate_ingest_token', args, Uuid);
    terminal.print(
      `\n  Token ${id} is valid beside the old one${oldExpires ? '' : ', until you revoke that'}.\n`,
    );
    show(token, terminal);
  });

const revoke = (id: string): Promise<void> =>
  withDatabase(async (admin, terminal) => {
    await admin.call('revoke_ingest_token', { token_id: id }, t.unknown);
    terminal.print(`\n  Token ${id} is revoked: uploads with it are refused from now on.\n`);
  });

const shortly = (at: string | null): string =>
  at === null ? '' : `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')}Z`;

const stateOf = ({ is_valid, revoked_at, expires_at }: ListedToken): string => {
  if (revoked_at !== null) return `revoked ${shortly(revoked_at)}`;
  if (!is_valid) return `expired ${shortly(expires_at)}`;
  return expires_at === null ? 'valid' : `valid until ${shortly(expires_at)}`;
};

const row = (token: ListedToken): string =>
  [
    token.token_id,
    stateOf(token).padEnd(29),
    `made ${shortly(token.created_at)}`,
    (token.last_used_at === null ? 'never used' : `used ${shortly(token.last_used_at)}`).padEnd(22),
    token.label,
  ].join('  ');

const list = ({ store }: OfStore): Promise<void> =>
  withDatabase(async (admin, terminal) => {
    const args = store === undefined ? {} : { store_id: store };
    const tokens = await admin.call('list_ingest_tokens', args, t.readonlyArray(ListedToken));
    if (tokens.length === 0) terminal.print('\n  There are no tokens.\n');
    for (const [index, token] of tokens.entries()) {
      if (token.of_store !== tokens[index - 1]?.of_store)
        process.stdout.write(`store ${token.of_store}\n`);
      process.stdout.write(`  ${row(token)}\n`);
    }
  });

const uuid = (text: string): string => {
  if (!Uuid.is(text)) throw new InvalidArgumentError('Give a uuid, in lower case.');
  return text;
};

const instant = (text: string): Date => {
  const date = new Date(text);
  if (Number.isNaN(date.getTime()))
    throw new InvalidArgumentError('Give a date such as 2027-03-01 or 2027-03-01T12:00:00Z.');
  return date;
};

/** `npm run token`: the keys with which gateways write to their stores. */
export const tokenCommand = (): Command => {
  const command = new Command('token').description(
    'Ingest tokens: which machine may write to which store. At most two a store are valid at once.',
  );
  command
    .command('create')
    .description('makes a token and shows it once')
    .requiredOption('--label <text>', 'which machine it is for')
    .option('--store <uuid>', 'instead of STORE_ID', uuid)
    .option('--expires <date>', 'valid until then', instant)
    .action(create);
  command
    .command('list')
    .description('all tokens, without the secret')
    .option('--store <uuid>', 'of one store only', uuid)
    .action(list);
  command
    .command('rotate')
    .description('makes a second token beside the one that is valid')
    .option('--store <uuid>', 'instead of STORE_ID', uuid)
    .option('--old-expires <date>', 'ends the old one then', instant)
    .action(rotate);
  command
    .command('revoke')
    .description('ends a token at once')
    .argument('<id>', 'its id, from the list', uuid)
    .action(revoke);
  return command;
};
