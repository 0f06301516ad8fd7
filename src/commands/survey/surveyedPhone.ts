import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { either as E } from 'fp-ts';
import { lastValueFrom, takeUntil, timer } from 'rxjs';
import type { Config } from '../../config.ts';
import { loadSecrets } from '../../embedded/secrets.ts';
import { hashOfPhone, PhoneId } from '../../model/phoneId.ts';
import { hashMac } from '../../production/hashMac.ts';
import { saltedId } from '../../production/saltedId.ts';
import { DATA_DIR, Misconfigured } from '../settings.ts';
import type { Ear } from './surveyEar.ts';
import type { SurveySession } from './surveySession.ts';
import { loudestOf, phonesText } from './surveyText.ts';
import type { Ask } from './surveyWalk.ts';

const secretOf = async ({ PHONE_HASH_SECRET }: Config): Promise<string | undefined> =>
  PHONE_HASH_SECRET ??
  (existsSync(join(DATA_DIR, 'secrets.json'))
    ? (await loadSecrets(DATA_DIR)).phoneHashSecret
    : undefined);

/**
 * Tells a phone from the others, also where sensors send its hash instead of its address.
 *
 * @throws Misconfigured for what is no address
 */
export const recognise = async (
  config: Config,
  phone: string,
): Promise<(phoneId: string) => boolean> => {
  const id = PhoneId.decode(phone);
  if (E.isLeft(id))
    throw new Misconfigured([`--phone: ${phone} is no address such as a8:76:50:e9:28:20`]);
  const { PHONE_HASH_SALT: salt } = config;
  const names = new Set([id.right, ...(salt === undefined ? [] : [saltedId(salt)(id.right)])]);
  const secret = await secretOf(config);
  const hash = secret === undefined ? undefined : hashMac(secret)(id.right);
  return (phoneId) => names.has(phoneId) || (hash !== undefined && hashOfPhone(phoneId) === hash);
};

interface AskedBy extends Pick<SurveySession, 'env' | 'stop$'> {
  readonly print: (text: string) => void;
}

/** So many are shown, and listened for so long. */
const MOST_SHOWN = 5;
const LISTEN_MS = 4_000;

/** Asks for the phone once: by its address, or by its number among the loudest that are heard. */
export const askForPhone = async (
  { around, forget, readings$ }: Pick<Ear, 'around' | 'forget' | 'readings$'>,
  ask: Ask,
  { print, env, stop$ }: AskedBy,
): Promise<string | undefined> => {
  for (;;) {
    forget();
    print('\n  Listening for phones …\n');
    await lastValueFrom(
      readings$.pipe(takeUntil(timer(LISTEN_MS, env.scheduler)), takeUntil(stop$)),
      { defaultValue: undefined },
    );
    const phones = loudestOf(around(), MOST_SHOWN);
    print(phonesText(phones));
    const answer = await ask('\n  Yours: its number, or its WiFi address (Enter: listen again)? ');
    if (answer === undefined) return undefined;
    const chosen = phones[Number(answer) - 1]?.phone_id ?? answer;
    if (E.isRight(PhoneId.decode(chosen))) return chosen;
    if (answer !== '') print(`  ${answer} is no number of these, and no address\n`);
  }
};
