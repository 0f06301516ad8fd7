import { randomBytes } from 'node:crypto';
import { Command } from 'commander';
import { openTerminal } from '../production/terminal.ts';
import { loadConfig, Misconfigured } from './settings.ts';

const make = (): void => {
  if (loadConfig().PHONE_HASH_SECRET !== undefined)
    throw new Misconfigured([
      'PHONE_HASH_SECRET: there is one already. A new one makes strangers of all known visitors: ' +
        'if that is meant, take the old one out of .env first',
    ]);
  const { print } = openTerminal(process.stderr);
  print('\n  Put this line into .env, and keep a copy: with another one every visitor is new.\n\n');
  process.stdout.write(`PHONE_HASH_SECRET=${randomBytes(32).toString('hex')}\n`);
};

/** `npm run secret`: the key with which a store's phone addresses are hashed. */
export const secretCommand = (): Command =>
  new Command('secret')
    .description('Makes a PHONE_HASH_SECRET and shows it; nothing is kept.')
    .action(make);
