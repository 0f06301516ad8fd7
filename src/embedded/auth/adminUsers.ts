import { createHash, timingSafeEqual } from 'node:crypto';
import { either as E } from 'fp-ts';
import * as t from 'io-ts';
import type { Fetch } from '../http/webHandler.ts';
import type { Users } from './users.ts';

const NewUser = t.strict({ email: t.string, password: t.string });

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

const isSame = (given: string | null, expected: string): boolean =>
  given !== null && timingSafeEqual(digest(given), digest(expected));

const refusal = (status: number, error_code: string, msg: string): Response =>
  Response.json({ code: status, error_code, msg }, { status });

/**
 * POST /auth/v1/admin/users, as supabase-js's `auth.admin.createUser`: whoever holds the secret key
 * makes a user, who may sign in at once and sees nothing until a row of org_members says what.
 */
export const adminUsers =
  (users: Users, secretKey: string): Fetch =>
  async (request) => {
    if (!isSame(request.headers.get('apikey'), secretKey))
      return refusal(401, 'not_admin', 'users are made with the secret key');
    if (request.method !== 'POST') return refusal(405, 'not_supported', 'POST makes a user');
    const user = NewUser.decode(await request.json().catch(() => undefined));
    return E.isRight(user)
      ? users.create(user.right)
      : refusal(422, 'validation_failed', 'email and password are needed');
  };
