import type { PGlite } from '@electric-sql/pglite';
import fc from 'fast-check';
import { either as E } from 'fp-ts';
import { DEMO_STORE_ID } from '../../src/embedded/database/demoStore.ts';
import { explain } from '../../supabase/functions/_shared/codec.ts';
import {
  ErrorEnvelope,
  INGEST_TOKEN_HEADER,
  IngestResult,
  LIMITS,
  UploadBatch,
  ZoneDirectory,
} from '../../supabase/functions/_shared/contract.ts';
import type { Rpc } from '../../supabase/functions/process-neuralsense-data/database.ts';
import { handle } from '../../supabase/functions/process-neuralsense-data/handler.ts';
import { spoiledBatch, validBatch } from '../support/arbitraryBatch.ts';
import { batchOf, reading, ZONE } from '../support/batches.ts';
import { addToken, migratedDatabase, rpcOn } from '../support/database.ts';

const TOKEN = 'a-token-of-the-demo-store';
let db: PGlite;
beforeAll(async () => {
  db = await migratedDatabase();
  await addToken(db, DEMO_STORE_ID, TOKEN);
}, 60_000);
afterAll(() => db.close());

const request = (body: string | null, token = TOKEN, method = 'POST'): Request =>
  new Request('http://localhost/functions/v1/process-neuralsense-data', {
    method,
    body,
    headers: { [INGEST_TOKEN_HEADER]: token },
  });

const send = (wanted: Request, rpc: Rpc = rpcOn(db)): Promise<Response> =>
  handle(wanted, { rpc, requestId: () => 'request-1' });

const post = (body: unknown): Promise<Response> => send(request(JSON.stringify(body)));

const refusalOf = async (response: Response) => {
  const envelope = ErrorEnvelope.decode(await response.json());
  if (E.isLeft(envelope)) throw new Error(explain(envelope.left).join('\n'));
  return { status: response.status, ...envelope.right.error };
};

describe('the function and the contract', () => {
  it('accept every valid batch, and the answer is an IngestResult without rejections', async () => {
    await fc.assert(
      fc.asyncProperty(validBatch, async (batch) => {
        expect(UploadBatch.decode(batch)).toEqual(E.right(batch));
        const response = await post(batch);
        expect(response.status).toBe(200);
        expect(IngestResult.decode(await response.json())).toMatchObject({
          right: { batch_id: batch.batch_id, counts: { rejected: 0 } },
        });
      }),
      { numRuns: 30 },
    );
  });

  it('refuse the same batches', async () => {
    await fc.assert(
      fc.asyncProperty(spoiledBatch, async (batch) => {
        const decoded = UploadBatch.decode(batch);
        const response = await post(batch);
        if (E.isRight(decoded)) expect([200, 401, 409]).toContain(response.status);
        else
          expect(await refusalOf(response)).toEqual({
            status: 422,
            code: 'validation_failed',
            message: 'the batch is malformed',
            retryable: false,
            request_id: 'request-1',
            details: explain(decoded.left),
          });
      }),
      { numRuns: 60 },
    );
  });
});

describe('POST', () => {
  const good = () => batchOf([reading('2026-03-01T01:00:00Z')]);

  it('names the path of what is wrong', async () => {
    const batch = good();
    const wrong = [...batch.readings, { ...reading('yesterday'), zone_id: 7 }];
    const { details } = await refusalOf(await post({ ...batch, readings: wrong }));
    expect(details).toEqual([
      'readings.1.timestamp: must be an ISO 8601 instant, got "yesterday"',
      'readings.1.zone_id: expected Uuid, got 7',
    ]);
  });

  it.each([
    ['no JSON', 'nonsense', 400, 'invalid_json'],
    ['an empty body', '', 400, 'invalid_json'],
    ['too many bytes', ' '.repeat(LIMITS.bodyBytes + 1), 413, 'too_large'],
    ['too many readings', JSON.stringify({ readings: Array(501).fill(0) }), 413, 'too_large'],
  ])('refuses %s', async (_what, body, status, code) => {
    expect(await refusalOf(await send(request(body)))).toMatchObject({
      status,
      code,
      retryable: false,
    });
  });

  it('counts the bytes itself when their number is not announced', async () => {
    const chunk = new TextEncoder().encode(' '.repeat(100_000));
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(chunk),
    });
    const endless = new Request('http://localhost/', {
      method: 'POST',
      body,
      headers: { [INGEST_TOKEN_HEADER]: TOKEN },
      ...{ duplex: 'half' },
    });
    expect(await refusalOf(await send(endless))).toMatchObject({ status: 413 });
  });

  it('refuses a body that breaks off, and one that cannot even be cancelled', async () => {
    const streamed = (source: ConstructorParameters<typeof ReadableStream<Uint8Array>>[0]) =>
      new Request('http://localhost/', {
        method: 'POST',
        body: new ReadableStream(source),
        headers: { [INGEST_TOKEN_HEADER]: TOKEN },
        ...{ duplex: 'half' },
      });
    const broken = streamed({ pull: (controller) => controller.error(new Error('reset')) });
    expect(await refusalOf(await send(broken))).toMatchObject({ code: 'invalid_json' });
    const stubborn = streamed({
      pull: (controller) => controller.enqueue(new Uint8Array(LIMITS.bodyBytes + 1)),
      cancel: () => Promise.reject(new Error('nope')),
    });
    expect(await refusalOf(await send(stubborn))).toMatchObject({ code: 'too_large' });
  });

  const refusesToken = async (token: string) =>
    expect(await refusalOf(await send(request(JSON.stringify(good()), token)))).toMatchObject({
      status: 401,
      code: 'unauthorized',
      retryable: false,
    });

  it.each(['', 'unknown'])('refuses the token %p', (token) => refusesToken(token));

  it.each(['revoked_at', 'expires_at'])('refuses a token whose %s has come', async (column) => {
    await addToken(db, DEMO_STORE_ID, column);
    expect((await send(request(JSON.stringify(good()), column))).status).toBe(200);
    await db.exec(`update ingest_tokens set ${column} = now()
      where token_hash = encode(sha256('${column}'), 'hex')`);
    await refusesToken(column);
  });

  it('takes a second token while the first is still valid', async () => {
    await addToken(db, DEMO_STORE_ID, 'second');
    for (const token of [TOKEN, 'second'])
      expect((await send(request(JSON.stringify(good()), token))).status).toBe(200);
  });

  it.each(['store_id', 'org_id'])('refuses a %s that is not the token’s', async (key) => {
    const response = await post({ ...good(), [key]: ZONE.aisle });
    expect(await refusalOf(response)).toMatchObject({ status: 401, code: 'unauthorized' });
  });

  it('refuses a batch_id that came with another payload', async () => {
    const batch = good();
    expect((await post(batch)).status).toBe(200);
    const response = await post({ ...batch, readings: [reading('2026-03-01T02:00:00Z')] });
    expect(await refusalOf(response)).toMatchObject({
      status: 409,
      code: 'batch_conflict',
      retryable: false,
    });
  });

  it('says that trying again can help when a transform failed', async () => {
    await db.exec(
      'alter table visits add constraint broken check (duration_minutes <> 0) not valid',
    );
    const batch = good();
    const moved = [reading('2026-04-01T01:00:00Z', ZONE.aisle, 9)];
    const response = await post({ ...batch, readings: moved }).finally(() =>
      db.exec('alter table visits drop constraint broken'),
    );
    expect(await refusalOf(response)).toMatchObject({
      status: 500,
      code: 'ingest_failed',
      retryable: true,
    });
  });

  it.each(['57014', '40P01', '08006', '53300', 'PGRST002', ''])(
    'is to be tried later when the database answers %p',
    async (code) => {
      const rpc: Rpc = async () => ({ data: null, error: { code, message: 'secret detail' } });
      const response = await send(request(JSON.stringify(good())), rpc);
      expect(response.headers.get('retry-after')).toMatch(/^\d+$/);
      const refused = await refusalOf(response);
      expect(refused).toMatchObject({ status: 503, code: 'db_unavailable', retryable: true });
      expect(refused.message).not.toContain('secret');
    },
  );

  it('is to be tried later when the database cannot be reached', async () => {
    const rpc: Rpc = () => Promise.reject(new TypeError('fetch failed'));
    expect(await refusalOf(await send(request('{}'), rpc))).toMatchObject({ status: 503 });
  });
});

describe('GET', () => {
  it('gives the zones of the token’s store', async () => {
    const response = await send(request(null, TOKEN, 'GET'));
    const directory = ZoneDirectory.decode(await response.json());
    if (E.isLeft(directory)) throw new Error(explain(directory.left).join('\n'));
    expect(directory.right.store_id).toBe(DEMO_STORE_ID);
    expect(directory.right.zones.map(({ zone_code }) => Number(zone_code))).toEqual(
      Array.from({ length: 19 }, (_, i) => i + 1),
    );
    expect(directory.right.zones[0]?.zone_id).toBe(ZONE.entrance);
  });

  it('needs a token', async () => {
    expect(await refusalOf(await send(request(null, 'unknown', 'GET')))).toMatchObject({
      status: 401,
    });
  });
});

it('other methods are not allowed', async () => {
  const response = await send(request(null, TOKEN, 'DELETE'));
  expect(response.headers.get('allow')).toBe('GET, POST');
  expect(await refusalOf(response)).toMatchObject({ status: 405, code: 'method_not_allowed' });
});
