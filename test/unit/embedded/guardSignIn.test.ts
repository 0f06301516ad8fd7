import { guardSignIn, SIGN_IN_LIMITS } from '../../../src/embedded/auth/guardSignIn.ts';

const RIGHT = { email: 'demo@shop', password: 'right' };
const WRONG = { email: 'demo@shop', password: 'wrong' };
const QUICK = { ...SIGN_IN_LIMITS, refusalMs: 1 };

const ask = (body: unknown, grant = 'password'): Request =>
  new Request(`http://h/auth/v1/token?grant_type=${grant}`, {
    method: 'POST',
    body: JSON.stringify(body),
  });
/** Stands in for the API, which takes long for a user that there is: when it was asked what. */
const api = (tookMs: (email: string) => number = () => 0) => {
  const asked: string[] = [];
  let atOnce = 0;
  let mostAtOnce = 0;
  return {
    asked,
    mostAtOnce: () => mostAtOnce,
    fetch: async (request: Request): Promise<Response> => {
      atOnce += 1;
      mostAtOnce = Math.max(mostAtOnce, atOnce);
      const { email, password } = (await request.json()) as typeof RIGHT;
      await new Promise((resolve) => setTimeout(resolve, tookMs(email)));
      asked.push(password);
      atOnce -= 1;
      return Response.json({}, { status: password === 'right' ? 200 : 400 });
    },
  };
};

it('looks at no more passwords of an address than it bears, until time has passed', async () => {
  let now = 0;
  const { asked, fetch } = api();
  const guarded = guardSignIn(fetch, QUICK, () => now);
  const statuses: number[] = [];
  for (let n = 0; n < 12; n += 1) statuses.push((await guarded(ask(WRONG), '10.0.0.1')).status);
  expect(statuses).toEqual([...Array(10).fill(400), 429, 429]);
  const refused = await guarded(ask(RIGHT), '10.0.0.1');
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '60']);
  expect((await guarded(ask(RIGHT), '10.0.0.2')).status).toBe(200);
  now = 60_000;
  expect((await guarded(ask(RIGHT), '10.0.0.1')).status).toBe(200);
  expect(asked).toHaveLength(12);
});

it('lets nobody wait for a clock that was set back', async () => {
  let now = 30 * 86_400_000;
  const guarded = guardSignIn(api().fetch, QUICK, () => now);
  for (let n = 0; n < 10; n += 1) await guarded(ask(WRONG), '10.0.0.1');
  now = 0;
  expect((await guarded(ask(RIGHT), '10.0.0.1')).status).toBe(200);
});

it('counts the failures of a user from wherever they come', async () => {
  const guarded = guardSignIn(api().fetch, QUICK, () => 0);
  for (let n = 0; n < 60; n += 1) await guarded(ask(WRONG), `10.0.1.${n}`);
  const other = { ...RIGHT, email: 'DEMO@shop' };
  expect((await guarded(ask(other), '10.0.0.9')).status).toBe(429);
});

it('looks at one password at a time, and lets few wait', async () => {
  const { mostAtOnce, fetch } = api(() => 20);
  const guarded = guardSignIn(fetch, QUICK);
  const answers = await Promise.all(Array.from({ length: 50 }, () => guarded(ask(RIGHT), null)));
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(4);
  expect(answers.filter(({ status }) => status === 429)).toHaveLength(46);
  expect(mostAtOnce()).toBe(1);
});

it('refuses as slowly who is unknown as who is not', async () => {
  const limits = { ...SIGN_IN_LIMITS, refusalMs: 300 };
  const guarded = guardSignIn(api((email) => (email === 'demo@shop' ? 100 : 0)).fetch, limits);
  const took = async (email: string) => {
    const startedAt = Date.now();
    await guarded(ask({ ...WRONG, email }), null);
    return Math.round((Date.now() - startedAt) / 300);
  };
  expect(await took('nobody@shop')).toBeGreaterThanOrEqual(1);
  expect(await took('demo@shop')).toBeGreaterThanOrEqual(1);
});

it.each([
  { email: {}, password: 'x' },
  {},
  null,
  [],
  { email: 'a', password: 1 },
  { email: 'a'.repeat(321), password: 'fills memory' },
])('asks for texts where it is given %j', async (body) => {
  const { asked, fetch } = api();
  expect((await guardSignIn(fetch)(ask(body), null)).status).toBe(400);
  expect(asked).toEqual([]);
});

it('lets a session be renewed, however often', async () => {
  const { asked, fetch } = api();
  const guarded = guardSignIn(fetch, QUICK, () => 0);
  for (let n = 0; n < 20; n += 1) await guarded(ask(WRONG, 'refresh_token'), '10.0.0.1');
  expect(asked).toHaveLength(20);
});
