import { either as E } from 'fp-ts';
import type { Message } from '../../../src/model/message.ts';
import { decodeNative } from '../../../src/sources/formats/native.ts';

const RECEIVED_AT = 1_740_000_100.25;
const message = (payload: string | Uint8Array): Message => ({
  topic: 'neuralsense/rssi',
  payload: typeof payload === 'string' ? new TextEncoder().encode(payload) : payload,
  receivedAt: RECEIVED_AT,
});
const valid = { sensor_id: 'pi5', phone_id: 'a8:76:50:e9:28:20', rssi: -61, ts: 1_740_000_000.5 };
const decode = (payload: unknown) => decodeNative(message(JSON.stringify(payload)));
const only = (payload: string | Uint8Array) => {
  const results = decodeNative(message(payload));
  expect(results).toHaveLength(1);
  const [result] = results;
  if (result === undefined || E.isRight(result)) throw new Error('expected one rejection');
  return result.left;
};

const SHORT_HASH = 'hashed:unknown:0c1d2e3f4a5b6c7d';
/** As sensors of another make write it. */
const foreign = { ts: valid.ts, rpi_id: 'PI5', mac: 'A8:76:50:E9:28:20', rssi: -61 };

describe('decodeNative reads', () => {
  test('one object, with its topic and receive time', () => {
    expect(decode(valid)).toEqual([
      E.right({ reading: valid, topic: 'neuralsense/rssi', receivedAt: RECEIVED_AT }),
    ]);
  });

  test('an array, in order', () => {
    const results = decode([valid, { ...valid, sensor_id: 'pi6' }]);
    expect(results.map((r) => (E.isRight(r) ? Object(r.right).reading.sensor_id : r))).toEqual([
      'pi5',
      'pi6',
    ]);
  });

  test.each([
    ['fractional dBm', { rssi: -61.25 }, { rssi: -61.25 }],
    ['the strongest dBm', { rssi: -0.5 }, { rssi: -0.5 }],
    ['a sensor in Hangul', { sensor_id: '거실' }, { sensor_id: '거실' }],
    [
      'a decomposed name as its composed form',
      { sensor_id: '거실'.normalize('NFD') },
      { sensor_id: '거실' },
    ],
    ['the weakest dBm', { rssi: -120 }, { rssi: -120 }],
    ['milliseconds', { ts: 1_740_000_000_500 }, { ts: 1_740_000_000.5 }],
    ['no ts', { ts: undefined }, { ts: RECEIVED_AT }],
    ['a MAC with dashes', { phone_id: 'A8-76-50-E9-28-20' }, { phone_id: valid.phone_id }],
    ['a MAC with dots', { phone_id: 'a876.50e9.2820' }, { phone_id: valid.phone_id }],
    ['a bare MAC', { phone_id: 'A87650E92820' }, { phone_id: valid.phone_id }],
    ['a sensor in capitals', { sensor_id: 'PI5' }, { sensor_id: 'pi5' }],
    ['16 hexadecimal digits', { phone_id: '0C1D2E3F4A5B6C7D' }, { phone_id: SHORT_HASH }],
    ['other keys, which it drops', { battery: 3.1, rssi: -50 }, { rssi: -50 }],
  ])('%s', (_what, change, expected) => {
    expect(decode({ ...valid, ...change })).toEqual([
      E.right(expect.objectContaining({ reading: { ...valid, ...expected } })),
    ]);
  });

  test('the spelling of other sensors, element by element among ours', () => {
    const readings = decode([valid, foreign, { ...foreign, mac: '0c1d2e3f4a5b6c7d' }, valid]);
    expect(readings.map((r) => (E.isRight(r) ? Object(r.right).reading : r))).toEqual([
      valid,
      valid,
      { ...valid, phone_id: SHORT_HASH },
      valid,
    ]);
  });

  test('a line of a log of readings, which mixes both spellings', () => {
    const { mac, ...rest } = foreign;
    expect(decode({ ...rest, ts_kst: '09:00:00', phone_id: mac })).toEqual([
      E.right(expect.objectContaining({ reading: valid })),
    ]);
  });

  test.each([
    ['broadcast', 'ff:ff:ff:ff:ff:ff'],
    ['IPv4 multicast', '01:00:5e:00:00:fb'],
    ['IPv6 multicast', '33:33:00:00:00:01'],
    ['bridges', '01-80-C2-00-00-00'],
    ['a placeholder', '00:00:00:00:00:00'],
    ['an address that begins with 00', '00:1b:2f:00:00:01'],
  ])('%s as no phone', (_what, mac) => {
    expect(decode([{ ...foreign, mac }, valid])).toEqual([
      E.right({ _tag: 'NonPhone' }),
      E.right(expect.objectContaining({ reading: valid })),
    ]);
  });

  test('a byte order mark', () => {
    expect(decodeNative(message(`\uFEFF${JSON.stringify(valid)}`))).toEqual([
      E.right(expect.objectContaining({ reading: valid })),
    ]);
  });

  test('prototype keys as the harmless extra keys that they are', () => {
    const hostile =
      '{"__proto__":{"rssi":-1,"polluted":true},"constructor":{"prototype":{"polluted":true}},' +
      '"sensor_id":"pi5","phone_id":"a8:76:50:e9:28:20","rssi":-61,"ts":1740000000.5}';
    expect(decodeNative(message(hostile))).toEqual([
      E.right(expect.objectContaining({ reading: valid })),
    ]);
    expect('polluted' in {}).toBe(false);
  });

  test('nothing out of a prototype', () => {
    const inherited = only(
      '{"__proto__":{"rssi":-61},"sensor_id":"pi5","phone_id":"a87650e92820","ts":1740000000}',
    );
    expect(inherited.reasons).toEqual([expect.stringMatching(/^rssi: missing/)]);
  });
});

describe('decodeNative rejects', () => {
  test.each([
    ['blanks', ' \n\t', 'payload: empty'],
    ['an empty array', '[]', 'payload: an empty array'],
    ['text', 'hello', 'payload: not JSON'],
    ['half a reading', '{"sensor_id":"pi5",', 'payload: not JSON'],
    ['invalid UTF-8', new Uint8Array([0x7b, 0xff, 0x7d]), 'payload: not valid UTF-8'],
    ['a scalar', '5', 'expected Reading, got 5'],
    ['null', 'null', 'expected Reading, got null'],
    ['an array in an array', '[[]]', '[0]: expected Reading, got []'],
  ])('%s', (_what, payload, reason) => {
    expect(only(payload).reasons).toEqual([expect.stringContaining(reason)]);
  });

  test.each([
    ['an impossible strength', { rssi: 42 }, 'rssi: must be dBm from −120 to below 0, got 42'],
    [
      'a strength in quotes',
      { rssi: '-61' },
      'rssi: must be dBm from −120 to below 0, a number without quotes, got "-61"',
    ],
    ['a strength of 0, which is no measurement', { rssi: 0 }, 'rssi: must be dBm from −120'],
    ['no sensor', { sensor_id: undefined }, 'write the sensor as "sensor_id" or "rpi_id"'],
    ['no phone', { phone_id: undefined }, 'write the phone as "phone_id" or "mac"'],
    ['no strength', { rssi: undefined }, 'write the strength as "rssi", in dBm'],
    ['half a MAC under another name', { phone_id: undefined, mac: 'a8' }, 'mac: must be a MAC'],
    ['a sensor under another name', { sensor_id: undefined, rpi_id: '  ' }, 'rpi_id: must be 1…64'],
    ['half a MAC', { phone_id: 'a8:76:50' }, 'phone_id: must be a MAC address'],
    ['a sensor of blanks', { sensor_id: '  ' }, 'sensor_id: must be 1…64'],
    ['a time of no use', { ts: -1 }, 'ts: must be Unix seconds'],
    ['a time that is null', { ts: null }, 'ts: must be Unix seconds'],
  ])('%s, naming the field', (_what, change, reason) => {
    expect(only(JSON.stringify({ ...valid, ...change })).reasons).toEqual([
      expect.stringContaining(reason),
    ]);
  });

  test.each([
    ['was retained', { isRetained: true }, {}, 'ts: none, and the message was retained'],
    ['waited at the broker', { isBacklog: true }, {}, 'ts: none, and the message waited'],
    ['waited at its sensor', {}, { queued: true }, 'ts: none, and the message waited'],
  ])('a reading without a time that %s', (_what, how, fields, reason) => {
    const untimed = JSON.stringify({ ...valid, ts: undefined, ...fields });
    const [result, ...others] = decodeNative({ ...message(untimed), ...how });
    expect(others).toEqual([]);
    expect(result).toEqual(
      E.left(expect.objectContaining({ reasons: [expect.stringContaining(reason)] })),
    );
  });

  test('nothing that clears a retained topic', () => {
    expect(decodeNative({ ...message(''), isRetained: true })).toEqual([]);
  });

  test('infinite numbers, which JSON can spell', () => {
    expect(only(JSON.stringify(valid).replace('-61', '-1e999')).reasons[0]).toMatch(/^rssi: /);
  });

  test('a bad element alone, with its path and its own text', () => {
    const bad = { ...valid, rssi: 42, sensor_id: 7 };
    const results = decode([valid, bad, valid]);
    expect(results.map((r) => r._tag)).toEqual(['Right', 'Left', 'Right']);
    expect(results[1]).toEqual(
      E.left({
        topic: 'neuralsense/rssi',
        received_at: RECEIVED_AT,
        reasons: [
          expect.stringMatching(/^\[1\]\.sensor_id: /),
          expect.stringMatching(/^\[1\]\.rssi: /),
        ],
        payload: JSON.stringify(bad),
        cause: { kind: 'malformed', subject: 'sensor_id' },
      }),
    );
  });

  test('a payload over the limit before it parses it', () => {
    const limits = { payloadBytes: 100, readings: 10 };
    const fits = `"${'x'.repeat(98)}"`;
    const reasons = (payload: string) =>
      decodeNative(message(payload), limits).flatMap((r) => (E.isLeft(r) ? r.left.reasons : []));
    expect(reasons(`${fits} `)).toEqual(['payload: 101 bytes, at most 100']);
    expect(reasons(fits)).toEqual([expect.stringContaining('expected Reading')]);
    expect(only('x'.repeat(262_145)).reasons).toEqual(['payload: 262145 bytes, at most 262144']);
    expect(only('x'.repeat(262_145)).payload).toHaveLength(2_000);
  });

  test('more readings than the limit, as one rejection', () => {
    const limits = { payloadBytes: 262_144, readings: 2 };
    const three = JSON.stringify([valid, valid, valid]);
    expect(decodeNative(message(three), limits)).toEqual([
      E.left(expect.objectContaining({ reasons: ['payload: 3 readings, at most 2'] })),
    ]);
  });

  test('nesting deeper than the stack, without falling over', () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    expect(only(deep).reasons).toHaveLength(1);
    expect(only(`{"sensor_id":"pi5","phone_id":"a87650e92820","rssi":${deep}}`).reasons).toEqual([
      'rssi: must be dBm from −120 to below 0, got a value that cannot be shown',
    ]);
  });
});
