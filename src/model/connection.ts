/** What a source's connection to its broker is doing now. Durations in ms. */
export type ConnectionStatus =
  /** A connection is being opened, or its subscription awaits the broker's word. */
  | { readonly _tag: 'Connecting'; readonly url: string }
  /** Subscribed. `sessionPresent`: the broker kept what came while we were away. */
  | { readonly _tag: 'Connected'; readonly sessionPresent: boolean }
  /** No connection; the next try comes in `retryInMs`. */
  | { readonly _tag: 'Waiting'; readonly retryInMs: number; readonly reason: string }
  /** Unsubscribed by us; nothing more comes. */
  | { readonly _tag: 'Closed' };
