import type { LiteDatabase } from '../database/liteDatabase.ts';

export interface Credentials {
  readonly email: string;
  readonly password: string;
}

const post = (
  { publishableKey, url }: { publishableKey: string; url: string },
  path: string,
  body: object,
  token = publishableKey,
): Request =>
  new Request(`${url}/auth/v1/${path}`, {
    method: 'POST',
    headers: {
      apikey: publishableKey,
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify(body),
  });

/** The users of the embedded stack, made and asked for in this process. */
export interface Users {
  /** The auth API's own answer: the new user, or why not. */
  readonly create: (user: Credentials) => Promise<Response>;
  /** Whether this user may sign in with this password. */
  readonly know: (user: Credentials) => Promise<boolean>;
}

interface Session {
  readonly access_token: string;
  readonly user: Record<string, unknown>;
}

/** The database's users; `api` is where its auth API believes to be, and its public key. */
export const usersOf = (
  { fetch, register }: Pick<LiteDatabase, 'fetch' | 'register'>,
  api: { readonly publishableKey: string; readonly url: string },
): Users => {
  /** Whoever asked here wants no session: it would wait for a refresh that never comes. */
  const signOut = ({ access_token }: Session): Promise<Response> =>
    fetch(post(api, 'logout?scope=local', {}, access_token), null);
  return {
    create: async ({ email, password }) => {
      const answer = await register(post(api, 'signup', { email, password }), null);
      if (!answer.ok) return answer;
      const session = (await answer.json()) as Session;
      await signOut(session);
      return Response.json(session.user);
    },
    know: async ({ email, password }) => {
      const asked = post(api, 'token?grant_type=password', { email, password });
      const answer = await fetch(asked, null);
      if (answer.ok) await signOut((await answer.json()) as Session);
      return answer.ok;
    },
  };
};
