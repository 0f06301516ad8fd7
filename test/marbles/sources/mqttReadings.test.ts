import { either as E } from 'fp-ts';
import { filter, ignoreElements, tap } from 'rxjs';
import { type RunHelpers, TestScheduler } from 'rxjs/testing';
import type { ConnectionStatus } from '../../../src/model/connection.ts';
import type { AckBound } from '../../../src/sources/ackLedger.ts';
import { mqttReadings } from '../../../src/sources/mqttReadings.ts';
import { fakeBroker } from './fakeBroker.ts';

const options = {
  url: 'mqtt://pipeline:secret@broker:1883',
  topics: ['neuralsense/rssi'],
  clientId: 'neuralsense-downtown',
  protocolVersion: 5,
  statusTopic: 'neuralsense/pipeline/downtown/status',
  keepaliveSeconds: 30,
  retry: { initialDelayMs: 1_000, maxDelayMs: 8_000 },
} as const;

const waiting = (retryInMs: number, reason: string): ConnectionStatus => ({
  _tag: 'Waiting',
  retryInMs,
  reason,
});
const connecting: ConnectionStatus = { _tag: 'Connecting', url: 'mqtt://broker:1883' };
const connected = (sessionPresent = false): ConnectionStatus => ({
  _tag: 'Connected',
  sessionPresent,
});
/** Who it says it is, on its first connection. */
const speaker = {
  client_id: options.clientId,
  instance: (2 ** 47).toString(36),
  started: 0,
  heard: [],
};
const closed: ConnectionStatus = { _tag: 'Closed' };
const HANG_UP =
  'the broker closed the connection: it stops, or another client took the client id neuralsense-downtown over';
const heard = E.right({
  reading: { sensor_id: 'pi5', phone_id: 'a8:76:50:e9:28:20', rssi: -61, ts: 1 },
  topic: 'neuralsense/rssi',
  receivedAt: expect.any(Number),
  acknowledge: expect.any(Function),
});

type Rig = RunHelpers & { readonly testScheduler: TestScheduler } & ReturnType<typeof fakeBroker> &
  ReturnType<typeof mqttReadings> & {
    /** Acknowledged by nobody but the test. */
    readonly open$: ReturnType<typeof mqttReadings>['readings$'];
    readonly dropped: () => number;
  };

/** Runs the source against connections that go through `wires`, in virtual time. */
const withWires = (
  wires: ReadonlyArray<string>,
  check: (rig: Rig) => void,
  change: {
    readonly followsGoodbye?: boolean;
    readonly protocolVersion?: 4 | 5;
    readonly bound?: AckBound;
    readonly isGuest?: true;
  } = {},
) => {
  const { statusTopic, ...ofGuest } = options;
  const asWho = change.isGuest ? ofGuest : { ...ofGuest, statusTopic };
  const scheduler = new TestScheduler((actual, expected) => expect(actual).toEqual(expected));
  scheduler.run((helpers) => {
    const broker = fakeBroker(scheduler, wires, change.followsGoodbye);
    const ports = {
      connect: broker.connect,
      scheduler,
      random: () => 0.5,
      now: () => scheduler.now(),
      dropped: () => {
        dropped += 1;
      },
    };
    let dropped = 0;
    const { readings$: open$, status$ } = mqttReadings({ ...asWho, ...change }, ports);
    const readings$ = open$.pipe(tap((one) => E.isRight(one) && one.right.acknowledge?.()));
    check({
      ...helpers,
      testScheduler: scheduler,
      ...broker,
      status$,
      readings$,
      open$,
      dropped: () => dropped,
    });
  });
};

test('is cold: without a subscription nothing connects', () => {
  withWires([''], ({ expectObservable, status$, clients, flush }) => {
    expectObservable(status$, '^ 9s !').toBe('a', { a: closed });
    flush();
    expect(clients).toEqual([]);
  });
});

describe('a connection', () => {
  test('subscribes, then hands readings on as they come', () => {
    withWires(['     --c-s-m---m'], ({ expectObservable, readings$, status$ }) => {
      const subs = ' ^----------!';
      const status = '(ac)o';
      const read = ' ------h---h';
      expectObservable(status$, subs).toBe(status, { a: closed, c: connecting, o: connected() });
      expectObservable(readings$, subs).toBe(read, { h: heard });
    });
  });

  test('takes what a kept session brings before the subscription is confirmed', () => {
    withWires(['     p-m-m-s'], ({ expectObservable, readings$, status$, clients, flush }) => {
      const subs = ' ^---------!';
      const status = '(ac)--o';
      const read = ' --h-h';
      const values = { a: closed, c: connecting, o: connected(true) };
      expectObservable(status$, subs).toBe(status, values);
      expectObservable(readings$, subs).toBe(read, {
        h: E.Functor.map(heard, (one) => ({ ...one, isBacklog: true })),
      });
      flush();
      expect(clients[0]?.acknowledged).toEqual([[1], [2]]);
    });
  });

  test('keeps its session, leaves a will and does not reconnect by itself', () => {
    const will = {
      topic: options.statusTopic,
      payload: Buffer.from(
        JSON.stringify({ state: 'offline', reason: 'connection lost', ...speaker }),
      ),
      qos: 1,
      retain: true,
    };
    for (const protocolVersion of [4, 5] as const) {
      const expectAsked = ({ readings$, asked }: Rig) => {
        readings$.subscribe().unsubscribe();
        expect(asked).toEqual([
          expect.objectContaining({
            protocolVersion,
            will,
            clientId: options.clientId,
            clean: false,
            manualConnect: true,
            reconnectPeriod: 0,
          }),
        ]);
        expect(asked[0]?.properties).toEqual(
          protocolVersion === 5
            ? { sessionExpiryInterval: 604_800, receiveMaximum: 10_000 }
            : undefined,
        );
      };
      withWires([''], expectAsked, { protocolVersion });
    }
  });

  test('as a guest leaves nothing with the broker, no session and no word', () => {
    for (const protocolVersion of [4, 5] as const)
      withWires(
        ['--c--s--m'],
        ({ expectObservable, readings$, asked, clients, flush }) => {
          expectObservable(readings$, '^--------------!').toBe('--------a', { a: heard });
          flush();
          expect(asked).toEqual([expect.objectContaining({ clean: true })]);
          expect(asked[0]).not.toHaveProperty('will');
          expect(asked[0]?.properties?.sessionExpiryInterval ?? 0).toBe(0);
          expect(clients[0]?.published).toEqual([]);
          expect(clients[0]?.ended).toHaveLength(1);
        },
        { protocolVersion, isGuest: true },
      );
  });

  test('says online, retained, once it is subscribed and not before', () => {
    withWires(['--c--s'], ({ expectObservable, readings$, clients, flush }) => {
      expectObservable(readings$).toBe('');
      flush();
      expect(clients[0]?.published).toEqual([
        {
          topic: options.statusTopic,
          state: 'online',
          since: 0.005,
          ...speaker,
          options: { qos: 1, retain: true },
        },
      ]);
    });
  });
});

describe('a broker that is not there', () => {
  const gone = (retryInMs: number) => waiting(retryInMs, 'ECONNREFUSED');

  test('is waited for, with a back-off that grows to its limit', () => {
    const wires = ['-----n', '-----n', '-----n', '-----n', '-----n', '-c-s'];
    withWires(wires, ({ expectObservable, readings$, status$ }) => {
      const status = '(ac)-v 499ms c----w 999ms c----x 1999ms c----y 3999ms c----y 3999ms c--o';
      const values = { v: gone(500), w: gone(1_000), x: gone(2_000), y: gone(4_000) };
      expectObservable(status$).toBe(status, {
        a: closed,
        c: connecting,
        o: connected(),
        ...values,
      });
      expectObservable(readings$).toBe('');
    });
  });

  test('begins again with short waits after a connection that lasted', () => {
    const wires = ['-----n', '-----n', '-c-s 8s x', ''];
    withWires(wires, ({ expectObservable, readings$, status$ }) => {
      const status = '(ac)-v 499ms c----w 999ms c--o 8s z 499ms c';
      const values = { v: gone(500), w: gone(1_000), z: waiting(500, HANG_UP) };
      expectObservable(status$).toBe(status, {
        a: closed,
        c: connecting,
        o: connected(),
        ...values,
      });
      expectObservable(readings$).toBe('');
    });
  });

  test('counts a connection that did not last as one more failure', () => {
    const wires = ['-----n', '-c-s 7s x', ''];
    withWires(wires, ({ expectObservable, readings$, status$ }) => {
      const status = '(ac)-v 499ms c--o 7s z 999ms c';
      const values = { v: gone(500), z: waiting(1_000, HANG_UP) };
      expectObservable(status$).toBe(status, {
        a: closed,
        c: connecting,
        o: connected(),
        ...values,
      });
      expectObservable(readings$).toBe('');
    });
  });

  test('is waited for too when the connector itself throws', () => {
    withWires([], ({ expectObservable, testScheduler }) => {
      const connect = () => {
        throw new Error('Missing protocol');
      };
      const ports = { connect, scheduler: testScheduler, random: () => 0.5, now: () => 0 };
      const { readings$, status$ } = mqttReadings(options, ports);
      const values = { a: closed, c: connecting, w: waiting(500, 'Missing protocol') };
      expectObservable(status$, '^ 400ms !').toBe('(acw)', values);
      expectObservable(readings$, '^ 400ms !').toBe('');
    });
  });
});

test('a broker that lets us in and throws us out twice in a row does so for a rival', () => {
  withWires(['-c-s---x', '-c-s---x', ''], ({ expectObservable, readings$, status$ }) => {
    const status = '(ac)---v 499ms c------w 999ms c';
    const rival = 'another client took the client id neuralsense-downtown over';
    const values = { v: waiting(500, HANG_UP), w: waiting(1_000, rival) };
    const tags = status$.pipe(filter(({ _tag }) => _tag !== 'Connected'));
    expectObservable(tags).toBe(status, { a: closed, c: connecting, ...values });
    expectObservable(readings$).toBe('');
  });
});

test('a rival that the broker names is answered at growing intervals, and then slowly', () => {
  const wires = ['-c-s-t', '-c-s-t', '-c-s-t', '-c-s-t', '-c-s-t', ''];
  withWires(wires, ({ expectObservable, readings$, status$ }) => {
    const status = '(ac)-v 499ms c----w 999ms c----x 1999ms c----y 3999ms c----z 5999ms c';
    const rival = 'another client took the client id neuralsense-downtown over';
    const values = {
      v: waiting(500, rival),
      w: waiting(1_000, rival),
      x: waiting(2_000, rival),
      y: waiting(4_000, rival),
      z: waiting(6_000, rival),
    };
    const tags = status$.pipe(filter(({ _tag }) => _tag !== 'Connected'));
    expectObservable(tags).toBe(status, { a: closed, c: connecting, ...values });
    expectObservable(readings$).toBe('');
  });
});

describe('what a person has to mend is reported and asked about slowly', () => {
  test.each([
    ['bad credentials', '-----b', 'the broker refused the user name or password'],
    ['a refused subscription', '-c---f', 'subscription to neuralsense/rssi: not authorised'],
  ])('%s', (_what, wire, reason) => {
    withWires([wire, ''], ({ expectObservable, readings$, status$ }) => {
      const status = '(ac)-w 5999ms c';
      const values = { a: closed, c: connecting, w: waiting(6_000, reason) };
      expectObservable(status$.pipe(filter(({ _tag }) => _tag !== 'Connected'))).toBe(
        status,
        values,
      );
      expectObservable(readings$).toBe('');
    });
  });
});

describe('acknowledgements', () => {
  /** Acknowledges the n-th reading at its letter's place. */
  const at = (rig: Rig, marbles: string, unsub?: string) => {
    const due: Array<() => void> = [];
    rig.expectObservable(
      rig.open$.pipe(
        tap((one) => {
          if (E.isRight(one) && one.right.acknowledge) due.push(one.right.acknowledge);
        }),
        ignoreElements(),
      ),
      unsub,
    );
    rig.cold(marbles).subscribe((letter) => due[Number(letter) - 1]?.());
    rig.flush();
    return rig.clients.map(({ acknowledged }) => acknowledged);
  };

  test('wait until the reader says so, and go out in one piece', () => {
    withWires(['-c-s-mmm'], (rig) => {
      expect(at(rig, '---------(123)')).toEqual([[[1, 2, 3]]]);
    });
  });

  test('keep the order in which messages came', () => {
    withWires(['-c-s-mmm'], (rig) => {
      expect(at(rig, '---------2--3--1')).toEqual([[[1, 2, 3]]]);
    });
  });

  test('are due once, and not for QoS 0', () => {
    withWires(['-c-s-mom'], (rig) => {
      expect(at(rig, '---------(113)-2-')).toEqual([[[1], [3]]]);
    });
  });

  test('cross no reconnect: the broker delivers again on the next connection', () => {
    withWires(['-c-s-mm--x', '-c-s-m'], (rig) => {
      expect(at(rig, '-------1--2 2s 3')).toEqual([[[1]], [[1]]]);
    });
  });

  test('are waited for when we leave, before the goodbye', () => {
    withWires(['-c-s-mm'], (rig) => {
      expect(at(rig, '-----------1---2', '^--------!')).toEqual([[[1], [2]]]);
      expect(rig.clients[0]?.published.at(-1)).toMatchObject({ state: 'offline', since: 0.015 });
    });
  });

  test('that do not come keep us 10 s, no longer', () => {
    withWires(['-c-s-mm'], (rig) => {
      expect(at(rig, '-----------1', '^--------!')).toEqual([[[1]]]);
      expect(rig.clients[0]?.published.at(-1)).toMatchObject({ state: 'offline', since: 10.009 });
    });
  });

  test('that pile up to the bound make us take no more, and ask for the rest when there is room', () => {
    const bound = { messages: 2, bytes: 1_000_000, patienceMs: 0 };
    const check = (rig: Rig) => {
      const statuses: ConnectionStatus[] = [];
      rig.status$.subscribe((status) => statuses.push(status));
      expect(at(rig, '-----------1---2', '^ 2s !')).toEqual([[[1], [2]], []]);
      expect(statuses).toContainEqual(
        waiting(500, 'more came than could be saved: asking for the rest again'),
      );
      expect(rig.dropped()).toBe(1);
    };
    withWires(['-c-s-mmmom', '-c-s'], check, { bound });
  });

  test('that pile up are not waited for longer because others, at QoS 0, go on coming', () => {
    const bound = { messages: 2, bytes: 1_000_000, patienceMs: 0 };
    const check = (rig: Rig) => {
      const statuses: ConnectionStatus[] = [];
      rig.status$.subscribe((status) => statuses.push(status));
      expect(at(rig, '-----------1----2', '^ 2s !')).toEqual([[[1], [2]], []]);
      expect(statuses).toContainEqual(
        waiting(500, 'more came than could be saved: asking for the rest again'),
      );
      expect(rig.dropped()).toBe(1);
    };
    withWires(['-c-s-mmm-----o', '-c-s'], check, { bound });
  });
});

describe('unsubscribing', () => {
  test('a connection says offline, retained, and ends gracefully before it is Closed', () => {
    withWires(['  -c-s-m'], ({ expectObservable, readings$, status$, clients, flush }) => {
      const subs = '^-------!';
      const read = '-----h--';
      const all = ' (ac)----z';
      const tags = status$.pipe(filter(({ _tag }) => _tag !== 'Connected'));
      expectObservable(tags).toBe(all, { a: closed, c: connecting, z: closed });
      expectObservable(readings$, subs).toBe(read, { h: heard });
      flush();
      expect(clients).toHaveLength(1);
      expect(clients[0]?.ended).toEqual(['graceful']);
      expect(clients[0]?.published.at(-1)).toEqual({
        topic: options.statusTopic,
        state: 'offline',
        reason: 'stopped',
        since: 0.008,
        ...speaker,
        options: { qos: 1, retain: true },
      });
    });
  });

  test('leaves what still comes with the broker, unacknowledged', () => {
    const stubborn = { followsGoodbye: false };
    const expectKept = ({ expectObservable, readings$, clients, flush }: Rig) => {
      expectObservable(readings$, '^----------!').toBe('-----h', { h: heard });
      flush();
      expect(clients[0]?.acknowledged).toEqual([[1]]);
    };
    withWires(['-c-s-m------m'], expectKept, stubborn);
  });

  test('waits 2 s for a broker that does not answer the goodbye, no longer', () => {
    const stubborn = { followsGoodbye: false };
    const expectCut = ({ expectObservable, readings$, status$, clients, flush }: Rig) => {
      const tags = status$.pipe(filter(({ _tag }) => _tag !== 'Connected'));
      expectObservable(tags).toBe('(ac)---- 2000ms z', { a: closed, c: connecting, z: closed });
      expectObservable(readings$, '^-------!').toBe('');
      flush();
      expect(clients[0]?.ended).toEqual([]);
    };
    withWires(['-c-s'], expectCut, stubborn);
  });

  test('in the middle of connecting cuts the connection and opens no other', () => {
    withWires([''], ({ expectObservable, readings$, status$, clients, flush }) => {
      expectObservable(status$).toBe('(ac)-z', { a: closed, c: connecting, z: closed });
      expectObservable(readings$, '^----!').toBe('');
      flush();
      expect(clients.map((client) => client.ended)).toEqual([['forced']]);
    });
  });

  test('in the middle of a wait connects no more', () => {
    withWires(['-----n', ''], ({ expectObservable, readings$, status$, clients, flush }) => {
      const values = { a: closed, c: connecting, w: waiting(500, 'ECONNREFUSED'), z: closed };
      expectObservable(status$).toBe('(ac)-w 94ms z', values);
      expectObservable(readings$, '^ 99ms  !').toBe('');
      flush();
      expect(clients).toHaveLength(1);
    });
  });

  test('and subscribing again connects again', () => {
    withWires(['-c-s-m', '-c-s-m'], ({ expectObservable, readings$, clients, flush }) => {
      expectObservable(readings$, '^------!').toBe('-----h', { h: heard });
      expectObservable(readings$, '---------^------!').toBe('--------------h', { h: heard });
      flush();
      expect(clients.map((client) => client.ended)).toEqual([['graceful'], ['graceful']]);
    });
  });
});
