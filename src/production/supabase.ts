import {
  createClient,
  type FunctionInvokeOptions,
  FunctionsFetchError,
  type SupabaseClient,
  type WebSocketLikeConstructor,
} from '@supabase/supabase-js';
import { either as E } from 'fp-ts';
import { map, mergeMap, Observable, of, throwError, timeout } from 'rxjs';
import WebSocket from 'ws';
import {
  INGEST_TOKEN_HEADER,
  type IngestResult,
  LIVE_PATH,
  type LiveOccupancy,
  type LiveReceipt,
  type UploadBatch,
  ZoneDirectory,
} from '../../supabase/functions/_shared/contract.ts';
import { type DeliveryError, toDeliveryError } from '../model/outcome.ts';
import type { Deliver } from '../model/shapes.ts';
import type { ZoneUuids } from '../sinks/encodeUpload.ts';
import { judgeLiveReceipt, judgeReceipt, judgeRefusal } from '../sinks/judge.ts';
import { boundedFetch } from './boundedFetch.ts';

const FUNCTION = 'process-neuralsense-data';
const LIVE_TIMEOUT_MS = 4_000;

export interface SupabaseAccess {
  readonly url: string;
  /** Publishable (anon) key: names the project, proves nothing. */
  readonly key: string;
  /** Proves which store this gateway writes to. */
  readonly ingestToken: string;
  readonly timeoutMs: number;
}

const connectTo = ({ url, key }: SupabaseAccess): SupabaseClient =>
  createClient(url, key, {
    auth: { persistSession: false, autoRefreshToken: false },
    global: { fetch: boundedFetch() },
    // supabase-js wants a WebSocket even where no channel is opened, and Node 20 has none of its own.
    // `ws` is what its documentation names; only its event types differ from the browser's.
    realtime: { transport: WebSocket as unknown as WebSocketLikeConstructor },
  });

const NOT_THE_FUNCTION =
  'what answers at SUPABASE_URL is not the function, perhaps a login page on the way';

const networkReason = (error: unknown): string => {
  if (Object(error).name === 'SyntaxError') return NOT_THE_FUNCTION;
  const cause = error instanceof FunctionsFetchError ? error.context : error;
  const detail = cause?.cause?.code ?? cause?.cause?.message ?? cause?.name ?? String(cause);
  return detail === 'AbortError' ? 'no answer in time' : `no answer: ${detail}`;
};

const toError = async (error: unknown, response?: Response): Promise<DeliveryError> =>
  response === undefined
    ? { _tag: 'Transient', reason: networkReason(error) }
    : judgeRefusal(
        {
          status: response.status,
          retryAfter: response.headers.get('retry-after'),
          body: await response.text().catch(() => ''),
        },
        Date.now(),
      );

const TOO_LATE: DeliveryError = { _tag: 'Transient', reason: 'no answer in time' };

/** One call of the function; emits what it answered, or errors with a DeliveryError. Cold. */
const call = (
  client: SupabaseClient,
  access: SupabaseAccess,
  options: FunctionInvokeOptions,
  path = '',
): Observable<unknown> =>
  new Observable<unknown>((subscriber) => {
    const abort = new AbortController();
    const headers = { [INGEST_TOKEN_HEADER]: access.ingestToken };
    client.functions
      .invoke(FUNCTION + path, {
        ...options,
        headers,
        signal: abort.signal,
        timeout: access.timeoutMs,
      })
      .then(async ({ data, error, response }) => {
        if (error) return subscriber.error(await toError(error, response));
        subscriber.next(data);
        subscriber.complete();
      })
      .catch((problem: unknown) => subscriber.error(toDeliveryError(problem)));
    return () => abort.abort();
  }).pipe(
    // supabase-js stops its own clock at the headers: a refusal's body may still hang.
    timeout({ first: access.timeoutMs, with: () => throwError(() => TOO_LATE) }),
  );

const receiptOf = <A>(judge: (answer: unknown) => E.Either<DeliveryError, A>) =>
  mergeMap(
    (answer: unknown): Observable<A> =>
      E.match(
        (error: DeliveryError) => throwError(() => error),
        (receipt: A) => of(receipt),
      )(judge(answer)),
  );

/** Uploads one batch. */
export const invokeIngest = (access: SupabaseAccess): Deliver<UploadBatch, IngestResult> => {
  const client = connectTo(access);
  return (body) => call(client, access, { body }).pipe(receiptOf(judgeReceipt));
};

/** Tells how many phones are in each zone. The next count is on its way: nobody waits for long. */
export const invokeLive = (access: SupabaseAccess): Deliver<LiveOccupancy, LiveReceipt> => {
  const client = connectTo(access);
  const hasty = { ...access, timeoutMs: Math.min(access.timeoutMs, LIVE_TIMEOUT_MS) };
  return (body) => call(client, hasty, { body }, LIVE_PATH).pipe(receiptOf(judgeLiveReceipt));
};

/** What the database knows of the token's store: zones, their uuids and places, and sensors. */
export const lookUpDirectory = (access: SupabaseAccess): Observable<ZoneDirectory> =>
  call(connectTo(access), access, { method: 'GET' }).pipe(
    mergeMap((answer) => {
      const directory = ZoneDirectory.decode(answer);
      return E.isRight(directory)
        ? of(directory.right)
        : throwError(
            (): DeliveryError => ({
              _tag: 'Transient',
              reason: NOT_THE_FUNCTION,
            }),
          );
    }),
  );

/** Which uuid stands for which zone of the token's store. */
export const lookUpZones = (access: SupabaseAccess): Observable<ZoneUuids> =>
  lookUpDirectory(access).pipe(
    map(({ zones }) => new Map(zones.map((zone) => [Number(zone.zone_code), zone.zone_id]))),
  );
