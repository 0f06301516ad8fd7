import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { usersOf } from '../../../src/embedded/auth/users.ts';
import { DEMO_ORG_ID, DEMO_STORE_ID } from '../../../src/embedded/database/demoStore.ts';
import {
  type LiteDatabase,
  openLiteDatabase,
} from '../../../src/embedded/database/liteDatabase.ts';
import { loadSecrets } from '../../../src/embedded/secrets.ts';
import { layDatabase } from '../../support/emptyDatabase.ts';

const URL = 'http://127.0.0.1:1';
const DAY = { from_ts: '2026-03-02T00:00:00+09:00', to_ts: '2026-03-03T00:00:00+09:00' };

let dataDir: string;
let database: LiteDatabase;
let publishableKey: string;
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'kpis-'));
  const secrets = await loadSecrets(dataDir);
  publishableKey = secrets.publishableKey;
  await layDatabase(dataDir);
  database = await openLiteDatabase({ dataDir, secrets, url: URL, log: () => undefined });
}, 120_000);
afterAll(async () => {
  await database.close();
  await rm(dataDir, { recursive: true });
});

/** One request with the publishable key, as a browser sends it. */
const post = async (path: string, body: object, session = publishableKey) => {
  const response = await database.fetch(
    new Request(`${URL}${path}`, {
      method: 'POST',
      headers: {
        apikey: publishableKey,
        authorization: `Bearer ${session}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify(body),
    }),
    '127.0.0.1',
  );
  return { status: response.status, body: Object(await response.json()) };
};

const signedUp = async (email: string): Promise<{ id: string; session: string }> => {
  const user = { email, password: 'correct horse battery' };
  const api = { publishableKey, url: URL };
  const made = Object(await (await usersOf(database, api).create(user)).json());
  const { body } = await post('/auth/v1/token?grant_type=password', user);
  return { id: made.id, session: body.access_token };
};

it('answers a member over REST, and nobody else', async () => {
  const member = await signedUp('member@example.com');
  const stranger = await signedUp('stranger@example.com');
  await database.run(
    `insert into org_members (org_id, user_id) values ('${DEMO_ORG_ID}', '${member.id}')`,
  );
  const store = { store_id: DEMO_STORE_ID };
  const rpc = (name: string, args: object, session?: string) =>
    post(`/rest/v1/rpc/${name}`, args, session);

  expect(await rpc('kpi_overview', { ...store, ...DAY }, member.session)).toMatchObject({
    status: 200,
    body: [{ footfall: 0, bounce_rate: 0, peak_hour: null, estimates: ['unique_visitors'] }],
  });
  expect((await rpc('kpi_occupancy', store, member.session)).body).toHaveLength(20);
  expect((await rpc('kpi_compare', store, member.session)).body).toMatchObject([
    { period: 'day' },
    { period: 'same_weekday_before' },
  ]);

  for (const session of [stranger.session, undefined]) {
    expect(await rpc('kpi_overview', { ...store, ...DAY }, session)).toMatchObject({
      status: session === undefined ? 401 : 403,
      body: { code: '42501' },
    });
  }
}, 60_000);
