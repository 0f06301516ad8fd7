import { either as E } from 'fp-ts';
import * as t from 'io-ts';
import { errors, jwtVerify } from 'jose';
import type { Secrets } from '../secrets.ts';

/** Who somebody is, and until when. */
export interface Claims {
  readonly role: 'anon' | 'authenticated' | 'service_role';
  /** The user's id; empty for who only holds a key. */
  readonly sub: string;
  /** Unix ms. */
  readonly expiresAt: number;
}

const UserToken = t.type({ role: t.literal('authenticated'), sub: t.string, exp: t.number });

const ofKey = (role: Claims['role']): Claims => ({
  role,
  sub: '',
  expiresAt: Number.POSITIVE_INFINITY,
});

/** Reads an access token. Left: why it does not count, in Supabase's words. */
export type ReadClaims = (token: string) => Promise<E.Either<string, Claims>>;

/** As at Supabase, a project's key stands for its role where no user's token is given. */
export const readClaims = (
  secrets: Pick<Secrets, 'jwtSecret' | 'publishableKey' | 'secretKey'>,
): ReadClaims => {
  const key = new TextEncoder().encode(secrets.jwtSecret);
  const keys = new Map([
    [secrets.publishableKey, ofKey('anon')],
    [secrets.secretKey, ofKey('service_role')],
  ]);
  return async (token) => {
    const known = keys.get(token);
    if (known !== undefined) return E.right(known);
    try {
      const { payload } = await jwtVerify(token, key, { algorithms: ['HS256'] });
      if (!UserToken.is(payload)) return E.left('InvalidJWTToken: The claims are not a user’s');
      const { role, sub, exp } = payload;
      return E.right({ role, sub, expiresAt: exp * 1000 });
    } catch (problem) {
      const isLate = problem instanceof errors.JWTExpired;
      return E.left(`InvalidJWTToken: ${isLate ? 'Token has expired' : 'Token is not valid'}`);
    }
  };
};
