import type { SupabaseClient } from '@supabase/supabase-js';
import type { Database } from '../../../supabase/functions/_shared/database.types.ts';

export type Client = SupabaseClient<Database>;

type Functions = Database['public']['Functions'];
export type FunctionName = keyof Functions;
export type Arguments<Name extends FunctionName> = Functions[Name]['Args'];
export type Rows<Name extends FunctionName> = Functions[Name]['Returns'];
export type RowOf<Name extends FunctionName> =
  Rows<Name> extends ReadonlyArray<infer Row> ? Row : never;

/** A refusal or a failure of the API; `code` is Postgres' or PostgREST's. */
export class ApiError extends Error {
  readonly code: string;
  readonly status: number;

  constructor(message: string, code: string, status: number) {
    super(message);
    this.name = 'ApiError';
    this.code = code;
    this.status = status;
  }
}

/** No session, or none that counts: asking again does not help. */
export const isRefusal = (error: unknown): boolean =>
  error instanceof ApiError && [401, 403].includes(error.status);

/** The rows of one function; rejects with {@link ApiError}. */
export const callRpc = async <Name extends FunctionName>(
  client: Client,
  name: Name,
  args: Arguments<Name>,
  signal: AbortSignal,
): Promise<Rows<Name>> => {
  const { data, error, status } = await client.rpc(name, args as never).abortSignal(signal);
  if (error) throw new ApiError(error.message, error.code, status);
  return data as Rows<Name>;
};

/** The one row of a function that always answers with one. */
export const callRpcForRow = async <Name extends FunctionName>(
  ...request: Parameters<typeof callRpc<Name>>
): Promise<RowOf<Name>> => {
  const rows = (await callRpc(...request)) as unknown as ReadonlyArray<RowOf<Name>>;
  const [row] = rows;
  if (row === undefined) throw new ApiError(`${request[1]} gave no row`, 'empty', 200);
  return row;
};
