import type { PGlite } from '@electric-sql/pglite';
import fc from 'fast-check';
import { either as E } from 'fp-ts';
import { DEMO_STORE_ID } from '../../src/embedded/database/demoStore.ts';
import { explain } from '../../supabase/functions/_shared/codec.ts';
import {
  admitRows,
  ErrorEnvelope,
  INGEST_TOKEN_HEADER,
  IngestResult,
  LIMITS,
  UploadBatch,
  UploadEnvelope,
  ZoneDirectory,
} from '../../supabase/functions/_shared/contract.ts';
import type { Rpc } from '../../supabase/functions/process-neuralsense-data/database.ts';
import { handle } from '../../supabase/functions/process-neuralsense-data/handler.ts';
import { spoiledBatch, validBatch } from '../support/arbitraryBatch.ts';
import { batchOf, dwell, reading, ZONE } from '../support/batches.ts';
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

  it('refuse the same rows, each alone, and the same envelopes', async () => {
    await fc.assert(
      fc.asyncProperty(spoiledBatch, async (batch) => {
        const envelope = UploadEnvelope.decode(batch);
        const response = await post(batch);
        if (E.isRight(envelope)) {
          const rows = admitRows(envelope.right);
          const refused = [...rows.readings, ...rows.dwells].filter((row) => row === null).length;
          expect(refused > 0).toBe(E.isLeft(UploadBatch.decode(batch)));
          expect([200, 401, 409]).toContain(response.status);
          if (response.status === 200) {
            const result = IngestResult.decode(await response.json());
            const { rejections } = E.isRight(result) ? result.right : { rejections: [] };
            const invalid = rejections.filter(({ code }) => code === 'invalid_row');
            expect(invalid).toHaveLength(refused);
            expect(invalid.filter(({ reason }) => !reason)).toEqual([]);
          }
        } else
          expect(await refusalOf(response)).toEqual({
            status: 422,
            code: 'validation_failed',
            message: 'the batch is malformed',
            retryable: false,
            request_id: 'request-1',
            details: explain(envelope.left),
          });
      }),
      { numRuns: 60 },
    );
  });
});

describe('POST', () => {
  const good = () => batchOf([reading('2026-03-01T01:00:00Z')]);

  it('names the path of what is wrong with the whole', async () => {
    const { details } = await refusalOf(await post({ ...good(), batch_id: 'x', dwells: {} }));
    expect(details).toEqual([
      'batch_id: must be a lower-case uuid, got "x"',
      'dwells: expected ReadonlyArray<unknown>, got {}',
    ]);
  });

  it('a bad row costs no other', async () => {
    const fine = (second: number) => reading(`2026-03-01T01:00:0${second}Z`);
    const bad = [
      fine(0),
      { ...fine(1), timestamp: 'yesterday' },
      { ...fine(2), zone_id: 7 },
      { ...fine(3), rssi_readings: {} },
      { ...fine(4), rssi_readings: { pi1: 1 } },
      { ...fine(5), estimated_position: { x: 1e6, y: 0, confidence: 1 } },
      { ...fine(6), device_class: 'robot' },
      null,
      [],
      fine(9),
    ];
    const long = { ...dwell('2026-03-01T01:00:00Z', '2026-03-01T01:00:09Z', ZONE.entrance) };
    const dwells = [
      { ...long, dwell_seconds: 99 },
      long,
      { ...long, exit_timestamp: '2026-02-01T00:00:00Z' },
    ];
    const response = await post({ ...good(), readings: bad, dwells });
    expect(response.status).toBe(200);
    const result = IngestResult.decode(await response.json());
    if (E.isLeft(result)) throw new Error(explain(result.left).join('\n'));
    expect(result.right.counts).toMatchObject({ readings: 10, dwells: 3, rejected: 10 });
    expect(result.right.rejections).toEqual([
      ...[1, 2, 3, 4, 5, 6, 7, 8].map((index) => ({
        list: 'readings',
        index,
        code: 'invalid_row',
        reason: expect.any(String),
      })),
      ...[0, 2].map((index) => ({
        list: 'dwells',
        index,
        code: 'invalid_row',
        reason: expect.any(String),
      })),
    ]);
    expect(result.right.rejections.map(({ reason }) => reason).slice(3, 4)).toEqual([
      'rssi_readings.pi1: must be dBm from −120 to below 0, got 1',
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

  it.each([
    ['can help when a transform failed for a passing reason', '55000', true],
    ['cannot help when it failed for what the batch holds', '22003', false],
    ['cannot help when it broke a constraint', '23514', false],
  ])('says that trying again %s', async (_what, sqlstate, retryable) => {
    await db.exec(`create function public.fail() returns trigger language plpgsql as
        $$ begin raise exception using errcode = '${sqlstate}'; end $$;
      create trigger failing before insert on visits execute function public.fail()`);
    const moved = [reading('2026-04-01T01:00:00Z', ZONE.aisle, 9)];
    const response = await post({ ...good(), readings: moved }).finally(() =>
      db.exec('drop trigger failing on visits; drop function public.fail'),
    );
    expect(await refusalOf(response)).toMatchObject({
      status: 500,
      code: 'ingest_failed',
      retryable,
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
