import { either as E } from 'fp-ts';
import * as t from 'io-ts';
import { explain } from '../_shared/codec.ts';
import {
  admitRows,
  INGEST_TOKEN_HEADER,
  IngestResult,
  LIMITS,
  LIVE_PATH,
  LiveOccupancy,
  LiveReceipt,
  rowReason,
  UploadEnvelope,
  Uuid,
  ZoneDirectory,
} from '../_shared/contract.ts';
import { hashIngestToken } from '../_shared/ingestToken.ts';
import { readJson } from './body.ts';
import { ask, ingestFailed, type Rpc } from './database.ts';
import { type Refusal, refusal, refuse } from './refusal.ts';

export interface Dependencies {
  readonly rpc: Rpc;
  readonly requestId: () => string;
}

type Answer<A> = E.Either<Refusal, A>;

const Gateway = t.strict({ store_id: Uuid, org_id: Uuid });
type Gateway = t.TypeOf<typeof Gateway>;

const FailedTransform = t.strict({ error: t.strict({ code: t.string, message: t.string }) });

/** Whose token this is. One answer for a missing, an unknown and a revoked one. */
const authorise = async (request: Request, rpc: Rpc): Promise<Answer<Gateway>> => {
  const wrong = E.left(refusal('unauthorized', `${INGEST_TOKEN_HEADER} is missing or not valid`));
  const token = request.headers.get(INGEST_TOKEN_HEADER);
  if (token === null || token === '') return wrong;
  const token_hash = await hashIngestToken(token);
  const gateway = await ask(rpc, 'verify_ingest_token', { token_hash }, t.union([Gateway, t.null]));
  if (E.isLeft(gateway)) return gateway;
  return gateway.right === null ? wrong : E.right(gateway.right);
};

const holdsTooMany = (body: unknown): boolean =>
  (['readings', 'dwells'] as const).some((list) => {
    const items = typeof body === 'object' && body !== null ? Reflect.get(body, list) : undefined;
    return Array.isArray(items) && items.length > LIMITS[list];
  });

const readBatch = async (request: Request): Promise<Answer<UploadEnvelope>> => {
  const body = await readJson(request);
  if (E.isLeft(body)) return body;
  if (holdsTooMany(body.right))
    return E.left(
      refusal('too_large', `at most ${LIMITS.readings} readings and ${LIMITS.dwells} dwells`),
    );
  const batch = UploadEnvelope.decode(body.right);
  return E.isRight(batch)
    ? batch
    : E.left(refusal('validation_failed', 'the batch is malformed', explain(batch.left)));
};

/** The database says which rows it left out; what the contract holds against them it cannot know. */
const explained = (result: IngestResult, batch: UploadEnvelope): IngestResult => ({
  ...result,
  rejections: result.rejections.map((rejection) => {
    const reason = rowReason(batch, rejection);
    return reason === undefined ? rejection : { ...rejection, reason };
  }),
});

const ingest = async (
  request: Request,
  gateway: Gateway,
  rpc: Rpc,
): Promise<Answer<IngestResult>> => {
  const batch = await readBatch(request);
  if (E.isLeft(batch)) return batch;
  const { store_id, org_id } = batch.right;
  if (store_id !== gateway.store_id || org_id !== gateway.org_id)
    return E.left(refusal('unauthorized', 'this token belongs to another store'));
  const outcome = t.union([IngestResult, FailedTransform]);
  const answer = await ask(
    rpc,
    'ingest_neuralsense_batch',
    { batch: admitRows(batch.right) },
    outcome,
  );
  if (E.isLeft(answer)) return answer;
  return 'error' in answer.right
    ? E.left(ingestFailed('the batch was kept, its transform failed', answer.right.error.code))
    : E.right(explained(answer.right, batch.right));
};

const tell = async (request: Request, gateway: Gateway, rpc: Rpc): Promise<Answer<LiveReceipt>> => {
  const body = await readJson(request);
  if (E.isLeft(body)) return body;
  const live = LiveOccupancy.decode(body.right);
  if (E.isLeft(live))
    return E.left(refusal('validation_failed', 'the count is malformed', explain(live.left)));
  if (live.right.store_id !== gateway.store_id)
    return E.left(refusal('unauthorized', 'this token belongs to another store'));
  return ask(rpc, 'broadcast_live', { live: live.right }, LiveReceipt);
};

const serve = async (request: Request, { rpc }: Dependencies): Promise<Answer<unknown>> => {
  if (request.method !== 'POST' && request.method !== 'GET')
    return E.left(refusal('method_not_allowed', 'GET or POST'));
  const gateway = await authorise(request, rpc);
  if (E.isLeft(gateway)) return gateway;
  if (request.method === 'GET')
    return ask(rpc, 'zone_directory', { store_id: gateway.right.store_id }, ZoneDirectory);
  const isLive = new URL(request.url).pathname.endsWith(LIVE_PATH);
  return (isLive ? tell : ingest)(request, gateway.right, rpc);
};

/**
 * POST stores a batch of the token's store and answers with an {@link IngestResult}; POST below
 * {@link LIVE_PATH} tells a {@link LiveOccupancy} and answers with a {@link LiveReceipt}; GET answers with the store's {@link ZoneDirectory}. Refusals are {@link ErrorEnvelope}s.
 */
export const handle = async (request: Request, dependencies: Dependencies): Promise<Response> => {
  const answer = await serve(request, dependencies);
  return E.isLeft(answer)
    ? refuse(answer.left, dependencies.requestId())
    : Response.json(answer.right);
};
