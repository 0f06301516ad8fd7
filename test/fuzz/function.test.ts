import type { PGlite } from '@electric-sql/pglite';
import fc from 'fast-check';
import { either as E } from 'fp-ts';
import { DEMO_ORG_ID, DEMO_STORE_ID } from '../../src/embedded/database/demoStore.ts';
import {
  ErrorEnvelope,
  INGEST_TOKEN_HEADER,
  IngestResult,
} from '../../supabase/functions/_shared/contract.ts';
import type { Rpc } from '../../supabase/functions/process-neuralsense-data/database.ts';
import { handle } from '../../supabase/functions/process-neuralsense-data/handler.ts';
import { batchOf, dwell, reading, ZONE } from '../support/batches.ts';
import { addToken, ingest, migratedDatabase, rpcOn, singleValue } from '../support/database.ts';
import { FLAT_BYTES, fuzzing, heapInUse, hostileBytes } from '../support/hostile.ts';

const TOKEN = 'a-token-of-the-demo-store';
const OTHER_STORE = '00000000-0000-4000-8000-000000000001';
const MORNING = '2026-03-01T01:00:00Z';

const good = batchOf(
  [reading(MORNING), reading('2026-03-01T01:00:05.5+09:00', ZONE.aisle, 2)],
  [dwell(MORNING, '2026-03-01T01:01:00Z', ZONE.entrance)],
);
const SAMPLES = [
  good,
  batchOf([reading(MORNING)]),
  { ...good, store_id: OTHER_STORE },
  batchOf(Array.from({ length: 6 }, (_, second) => reading(MORNING, ZONE.checkout, second))),
].map((batch) => JSON.stringify(batch));

const request = fc.record({
  body: hostileBytes(SAMPLES),
  token: fc.oneof(
    { weight: 20, arbitrary: fc.constant(TOKEN) },
    fc.constantFrom('', "' or 1=1 --", 'nsit_x', '\u00ff', 'x'.repeat(5_000), '__proto__', 'null'),
  ),
  method: fc.oneof(
    { weight: 20, arbitrary: fc.constant('POST') },
    fc.constantFrom('PUT', 'DELETE', 'PATCH'),
  ),
});

interface Asked {
  readonly body: Uint8Array;
  readonly token: string;
  readonly method: string;
}

const ask = ({ body, token, method }: Asked, rpc: Rpc): Promise<Response> =>
  handle(
    new Request('http://localhost/functions/v1/process-neuralsense-data', {
      method,
      body: Buffer.from(body),
      headers: { [INGEST_TOKEN_HEADER]: token },
    }),
    { rpc, requestId: () => 'request-1' },
  );

const REFUSED = new Set([400, 401, 405, 409, 413, 422]);

/** An answer is a result, or a refusal with its reason; nothing that is sent is our own failure. */
const judge = async (response: Response): Promise<number> => {
  const text = await response.text();
  if (text.length > 1_000_000) throw new Error('the answer is larger than what was asked');
  const body: unknown = JSON.parse(text);
  if (response.status === 200) {
    if (E.isLeft(IngestResult.decode(body))) throw new Error(`no result: ${text}`);
    return 200;
  }
  const refusal = ErrorEnvelope.decode(body);
  if (!REFUSED.has(response.status)) throw new Error(`${response.status}: ${text}`);
  if (E.isLeft(refusal) || refusal.right.error.message === '')
    throw new Error(`no reason: ${text}`);
  if (text.includes(TOKEN)) throw new Error('the token is repeated');
  return response.status;
};

const counted = () => {
  const seen = new Map<number, number>();
  return {
    add: (status: number) => void seen.set(status, (seen.get(status) ?? 0) + 1),
    statuses: () => [...seen.keys()].sort(),
  };
};

test('with a database that takes all, any request gets a result or a reason', async () => {
  const rpc: Rpc = async (name, args) => ({
    data:
      name === 'verify_ingest_token'
        ? { store_id: DEMO_STORE_ID, org_id: DEMO_ORG_ID }
        : {
            batch_id: Reflect.get(Object(args['batch']), 'batch_id'),
            run_id: OTHER_STORE,
            duplicate: false,
            counts: {
              ...{ readings: 1, dwells: 1, zone_events: 1, visits: 1 },
              ...{ visit_zone_events: 1, funnel_events: 1, rejected: 0 },
            },
            rejections: [],
          },
    error: null,
  });
  const { add, statuses } = counted();
  let [tried, before] = [0, 0];
  await fc.assert(
    fc.asyncProperty(request, async (one) => {
      tried += 1;
      if (tried === 1_000) before = heapInUse();
      add(await judge(await ask(one, rpc)));
    }),
    fuzzing(12_000),
  );
  expect(heapInUse() - before).toBeLessThan(FLAT_BYTES);
  expect(statuses()).toEqual([200, 400, 401, 405, 422]);
}, 120_000);

describe('with the real database', () => {
  let db: PGlite;
  beforeAll(async () => {
    db = await migratedDatabase();
    await addToken(db, DEMO_STORE_ID, TOKEN);
  }, 60_000);
  afterAll(() => db.close());

  test('any request to the function gets a result or a reason', async () => {
    const { add, statuses } = counted();
    await fc.assert(
      fc.asyncProperty(request, async (one) => add(await judge(await ask(one, rpcOn(db))))),
      fuzzing(3_000),
    );
    expect(statuses()).toEqual([200, 400, 401, 405, 409, 422]);
  }, 120_000);

  const isJson = (text: string): boolean => {
    try {
      JSON.parse(text);
      return true;
    } catch {
      return false;
    }
  };

  const isWithId = (batch: unknown): batch is { batch_id: unknown } =>
    typeof batch === 'object' && batch !== null && 'batch_id' in batch;

  /** What the API may answer with: our own words, or that a value is none (22: data, 54: too deep). */
  const EXPECTED = /^(PT4\d\d|22|54)/;

  test('any JSON to the rpc itself gets a result or a reason', async () => {
    const json = hostileBytes(SAMPLES)
      .map((bytes) => Buffer.from(bytes).toString())
      .filter(isJson);
    let results = 0;
    const codes = new Set<string>();
    await fc.assert(
      fc.asyncProperty(json, fc.option(fc.uuid()), async (text, freshId) => {
        const batch: unknown = JSON.parse(text);
        // Under an id that is known, all that differs from the first is a conflict.
        if (freshId !== null && isWithId(batch)) batch.batch_id = freshId;
        const { data, error } = await rpcOn(db)('ingest_neuralsense_batch', {
          batch: JSON.stringify(batch),
        });
        // What fails after the batch was kept is told in the answer, so that its run is kept, too.
        const refusal: typeof error = error ?? Object(data).error;
        if (refusal) {
          codes.add(refusal.code ?? '');
          if (!EXPECTED.test(refusal.code ?? '') || refusal.message === '')
            throw new Error(`${refusal.code}: ${refusal.message}`);
        } else {
          if (E.isLeft(IngestResult.decode(data))) throw new Error(JSON.stringify(data));
          results += 1;
        }
      }),
      fuzzing(1_500),
    );
    expect([...codes]).toEqual(expect.arrayContaining(['PT403', 'PT409', 'PT422']));
    expect(results).toBeGreaterThan(10);
  }, 120_000);

  test('the same request again is a duplicate, another one under its id a conflict', async () => {
    const batch = batchOf([reading('2026-03-02T01:00:00Z', ZONE.aisle, 77)]);
    const send = (body: object) =>
      ask({ body: Buffer.from(JSON.stringify(body)), token: TOKEN, method: 'POST' }, rpcOn(db));
    const rows = () => singleValue(db, 'select count(*)::int from public.zone_events');
    expect(await (await send(batch)).json()).toMatchObject({ duplicate: false });
    const once = await rows();
    for (let again = 0; again < 3; again += 1)
      expect(await (await send(batch)).json()).toMatchObject({ duplicate: true });
    const other = { ...batch, readings: [reading('2026-03-02T01:00:00Z', ZONE.entrance, 78)] };
    expect((await send(other)).status).toBe(409);
    expect(await rows()).toBe(once);
  });

  test('after all of it the database works as before, and nothing was injected', async () => {
    const fresh = batchOf([reading('2026-03-03T01:00:00Z', ZONE.aisle, 99)]);
    expect(await ingest(db, fresh)).toMatchObject({ duplicate: false, counts: { zone_events: 1 } });
    expect(
      await singleValue(
        db,
        `select count(*)::int from public.zone_events where store_id <> '${DEMO_STORE_ID}'`,
      ),
    ).toBe(0);
  });
});
