import { defer, from, mergeMap, of, throwError } from 'rxjs';
import type { DeliveryError } from '../src/model/outcome.ts';
import type { Deliver } from '../src/model/shapes.ts';

const TIMEOUT_MS = 10_000;

const refusal = ({ status }: Response): DeliveryError => ({
  _tag: status === 429 || status >= 500 ? 'Transient' : 'Permanent',
  reason: `HTTP ${status}`,
  status,
});

/** The real port behind a webhook: one POST of JSON, cold, with a timeout. */
export const postJson =
  <A>(url: string): Deliver<A> =>
  (item) =>
    defer(() =>
      from(
        fetch(url, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(item),
          signal: AbortSignal.timeout(TIMEOUT_MS),
        }),
      ),
    ).pipe(
      mergeMap((response) => (response.ok ? of(undefined) : throwError(() => refusal(response)))),
    );
