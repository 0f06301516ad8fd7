import { setTimeout as sleep } from 'node:timers/promises';
import { either as E } from 'fp-ts';
import * as t from 'io-ts';
import { oneAtATime } from '../../production/oneAtATime.ts';
import type { Fetch } from '../http/webHandler.ts';
import { type FailureLimit, failureLimit } from './failureLimit.ts';

export interface SignInLimits {
  readonly ofOneAddress: FailureLimit;
  /** Whoever tries: larger, so that strangers hardly lock a user out. */
  readonly ofOneEmail: FailureLimit;
  /** Passwords that wait to be looked at. One costs a fifth of a second, in which nobody else is served. */
  readonly waiting: number;
  /** A refusal takes this long or a multiple of it: how long tells nobody whether there is such a user. */
  readonly refusalMs: number;
}

export const SIGN_IN_LIMITS: SignInLimits = {
  ofOneAddress: { failures: 10, withinMs: 60_000 },
  ofOneEmail: { failures: 60, withinMs: 3_600_000 },
  waiting: 4,
  refusalMs: 600,
};

/** The longest address that mail knows (RFC 3696, erratum 1690): what is longer would only fill memory. */
const MOST_EMAIL_CHARS = 320;

const Credentials = t.type({ email: t.string, password: t.string });

const refusal = (status: number, error_code: string, msg: string, headers = {}): Response =>
  Response.json({ code: status, error_code, msg }, { status, headers });

const tooMany = (waitMs: number): Response =>
  refusal(429, 'over_request_rate_limit', 'Too many attempts: try again later', {
    'retry-after': String(Math.max(1, Math.ceil(waitMs / 1000))),
  });

const isPasswordGrant = ({ method, url }: Request): boolean =>
  method === 'POST' && new URL(url).searchParams.get('grant_type') === 'password';

/**
 * The auth API's token endpoint with limits on sign-in by password, which the API itself has none of:
 * one at a time, few waiting, few failures for each address and each user. What else it does passes.
 */
export const guardSignIn = (
  fetch: Fetch,
  limits: SignInLimits = SIGN_IN_LIMITS,
  now: () => number = Date.now,
): Fetch => {
  const inOrder = oneAtATime();
  const byAddress = failureLimit(limits.ofOneAddress, now);
  const byEmail = failureLimit(limits.ofOneEmail, now);
  let waiting = 0;

  const look = async (request: Request, peer: string | null): Promise<Response> => {
    waiting += 1;
    try {
      return await inOrder(() => fetch(request, peer));
    } finally {
      waiting -= 1;
    }
  };
  return async (request, peer) => {
    if (!isPasswordGrant(request)) return fetch(request, peer);
    const startedAt = now();
    const given = Credentials.decode(
      await request
        .clone()
        .json()
        .catch(() => undefined),
    );
    if (E.isLeft(given) || given.right.email.length > MOST_EMAIL_CHARS)
      return refusal(400, 'validation_failed', 'email and password are needed, as texts');
    const [address, email] = [peer ?? '', given.right.email.toLowerCase()];
    const waitMs = Math.max(byAddress.waitMs(address), byEmail.waitMs(email));
    if (waitMs > 0) return tooMany(waitMs);
    if (waiting >= limits.waiting) return tooMany(1_000);
    const answer = await look(request, peer);
    if (answer.ok) return answer;
    byAddress.fail(address);
    byEmail.fail(email);
    const tookMs = now() - startedAt;
    await sleep(Math.ceil(tookMs / limits.refusalMs) * limits.refusalMs - tookMs);
    return answer;
  };
};
