import { defer, mergeMap, of, throwError, timer } from 'rxjs';
import type { DeliveryError } from '../../../src/model/outcome.ts';
import type { Deliver } from '../../../src/model/shapes.ts';
import type { Upload } from '../../../src/model/upload.ts';
import { deliverUpload } from '../../../src/sinks/deliverUpload.ts';
import type { ZoneUuids } from '../../../src/sinks/encodeUpload.ts';
import type { IngestResult, UploadBatch } from '../../../supabase/functions/_shared/contract.ts';
import { type Marbles, marbles } from '../../support/marbles.ts';
import { assignment } from '../../support/readings.ts';
import { ingested, upload, uuid } from '../../support/uploads.ts';

const zones: ZoneUuids = new Map([[1, uuid(101)]]);
const down: DeliveryError = { _tag: 'Transient', reason: 'no route to host' };
const hashMac = (mac: string): string => `hash of ${mac}`;
const first = upload(1, [assignment(1)]);

/** A port over `lookUp`, whose function answers in 2 ms. */
const delivering = ({ cold, env }: Marbles, lookUpZones = of(zones)) => {
  const sent: UploadBatch[] = [];
  const invoke: Deliver<UploadBatch, IngestResult> = (batch) => {
    sent.push(batch);
    return cold('--(r|)', { r: ingested(batch) });
  };
  const deliver = deliverUpload(
    { lookUpZones, invoke, hashMac, storeId: uuid(50), orgId: uuid(51) },
    env,
  );
  return { deliver, sent };
};

describe('deliverUpload', () => {
  it(
    'looks the zones up, then posts the encoded batch',
    marbles((helpers) => {
      const { cold, expectObservable, expectSubscriptions, flush } = helpers;
      const lookUp = cold('---(z|)', { z: zones });
      const subs = '       ^--!';
      const expected = '   -----(r|)';
      const { deliver, sent } = delivering(helpers, lookUp);

      expectObservable(deliver(first)).toBe(expected, { r: ingested(first) });
      expectSubscriptions(lookUp.subscriptions).toBe(subs);
      flush();
      expect(sent.map(({ batch_id, store_id, org_id }) => [batch_id, store_id, org_id])).toEqual([
        [uuid(1), uuid(50), uuid(51)],
      ]);
      expect(sent[0]?.readings[0]?.zone_id).toBe(uuid(101));
    }),
  );

  it(
    'is cold: nothing happens before a subscription, and each one posts again',
    marbles((helpers) => {
      const { expectObservable, flush } = helpers;
      const { deliver, sent } = delivering(helpers);
      const delivery$ = deliver(first);
      expect(sent).toHaveLength(0);

      expectObservable(delivery$).toBe('--(r|)', { r: ingested(first) });
      expectObservable(delivery$).toBe('--(r|)', { r: ingested(first) });
      flush();
      expect(sent).toHaveLength(2);
    }),
  );

  it(
    'keeps the zones for ten minutes from their lookup, then looks them up again',
    marbles((helpers) => {
      const { cold, env, expectObservable, expectSubscriptions } = helpers;
      const lookUp = cold('---(z|)', { z: zones });
      const subs = ['      ^--!', '600003ms ^--!'];
      const { deliver } = delivering(helpers, lookUp);
      const at = (ms: number) => timer(ms, env.scheduler).pipe(mergeMap(() => deliver(first)));
      const r = { r: ingested(first) };

      expectObservable(at(0)).toBe('            5ms (r|)', r);
      expectObservable(at(10)).toBe('          12ms (r|)', r);
      expectObservable(at(600_002)).toBe('   600004ms (r|)', r);
      expectObservable(at(600_003)).toBe('   600008ms (r|)', r);
      expectSubscriptions(lookUp.subscriptions).toBe(subs);
    }),
  );

  it(
    'passes the error of a failed lookup and looks them up again with the next delivery',
    marbles((helpers) => {
      const { cold, env, expectObservable } = helpers;
      let lookUps = 0;
      const lookUp = defer(() => {
        lookUps += 1;
        return lookUps === 1 ? cold<ZoneUuids>('-#', undefined, down) : of(zones);
      });
      const { deliver } = delivering(helpers, lookUp);
      const later = timer(100, env.scheduler).pipe(mergeMap(() => deliver(first)));

      expectObservable(deliver(first)).toBe('-#', undefined, down);
      expectObservable(later).toBe('102ms (r|)', { r: ingested(first) });
    }),
  );

  it(
    'waits for a lookup that never ends, and releases it with the delivery',
    marbles((helpers) => {
      const { cold, expectObservable, expectSubscriptions } = helpers;
      const lookUp = cold<ZoneUuids>('-');
      const unsub = '                 ^ 1m !';
      const { deliver } = delivering(helpers, lookUp);

      expectObservable(deliver(first), unsub).toBe('-');
      expectSubscriptions(lookUp.subscriptions).toBe(unsub);
    }),
  );

  it(
    'looks again when an upload speaks of a zone that was not there',
    marbles((helpers) => {
      const { env, expectObservable, flush } = helpers;
      const directories = [zones, new Map([...zones, [7, uuid(107)]])];
      const lookUp = defer(() => of(directories.shift() ?? new Map<number, string>()));
      const { deliver, sent } = delivering(helpers, lookUp);
      const seventh = upload(2, [assignment(1, 7)]);
      const at = (ms: number, of: Upload) =>
        timer(ms, env.scheduler).pipe(mergeMap(() => deliver(of)));

      expectObservable(at(0, first)).toBe('   2ms (r|)', { r: ingested(first) });
      expectObservable(at(10, seventh)).toBe('12ms (r|)', { r: ingested(seventh) });
      expectObservable(at(20, seventh)).toBe('22ms (r|)', { r: ingested(seventh) });
      flush();
      expect(sent.map(({ readings }) => readings[0]?.zone_id)).toEqual([
        uuid(101),
        uuid(107),
        uuid(107),
      ]);
      expect(directories).toHaveLength(0);
    }),
  );

  it(
    'passes an error of the post',
    marbles(({ env, expectObservable }) => {
      const deliver = deliverUpload(
        {
          lookUpZones: of(zones),
          invoke: () => throwError(() => down),
          hashMac,
          storeId: uuid(50),
          orgId: uuid(51),
        },
        env,
      );

      expectObservable(deliver(first)).toBe('#', undefined, down);
    }),
  );

  it(
    'refuses what the function would refuse as too large, without asking it',
    marbles((helpers) => {
      const { expectObservable, flush } = helpers;
      const { deliver, sent } = delivering(helpers);
      const sensors = Object.fromEntries(
        Array.from({ length: 64 }, (_, n) => [`sensor-${n}`, -60.123456]),
      );
      const rows = Array.from({ length: 500 }, (_, ts) => assignment(ts, 1, { vector: sensors }));

      expectObservable(deliver(upload(1, rows))).toBe('#', undefined, {
        _tag: 'Permanent',
        reason: expect.stringMatching(/^too large: \d{6} bytes of at most 262144$/),
        blames: 'size',
      });
      flush();
      expect(sent).toEqual([]);
    }),
  );

  it(
    'blames settings, and no row, for a lookup that is refused and for one row that is too large',
    marbles((helpers) => {
      const { cold, env, expectObservable } = helpers;
      const bad: DeliveryError = { _tag: 'Permanent', reason: 'HTTP 400', blames: 'rows' };
      const tooLarge: DeliveryError = { _tag: 'Permanent', reason: 'HTTP 413', blames: 'size' };
      const refused = delivering(helpers, cold<ZoneUuids>('-#', undefined, bad));
      const small = deliverUpload(
        {
          lookUpZones: of(zones),
          invoke: () => throwError(() => tooLarge),
          hashMac,
          storeId: uuid(50),
          orgId: uuid(51),
        },
        env,
      );

      expectObservable(refused.deliver(first)).toBe('-#', undefined, {
        _tag: 'Misconfigured',
        reason: 'HTTP 400',
      });
      expectObservable(small(upload(1, [assignment(1), assignment(2)]))).toBe(
        '#',
        undefined,
        tooLarge,
      );
      expectObservable(small(first)).toBe('#', undefined, {
        _tag: 'Misconfigured',
        reason: 'HTTP 413',
        advice: expect.stringContaining('raise its limit'),
      });
    }),
  );
});
