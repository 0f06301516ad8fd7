import { readFileSync } from 'node:fs';
import { either as E } from 'fp-ts';
import { isHeard, isStatus } from '../../../src/model/heard.ts';
import type { Message } from '../../../src/model/message.ts';
import {
  chooseFormats,
  type FormatName,
  readFormats,
} from '../../../src/sources/formats/choose.ts';
import type { Decode } from '../../../src/sources/formats/format.ts';

const RECEIVED_AT = 1_772_535_600.5;
const NATIVE_TOPICS = ['neuralsense/rssi', 'neuralsense/rssi/+'];

interface Line {
  readonly why: string;
  readonly topic: string;
  readonly payload: string;
  readonly retained?: true;
  readonly gives: ReadonlyArray<unknown>;
}

const messageOf = ({ topic, payload, retained }: Omit<Line, 'why' | 'gives'>): Message => ({
  topic,
  payload: new TextEncoder().encode(payload),
  receivedAt: RECEIVED_AT,
  ...(retained && { isRetained: true }),
});

/** In the words of the fixtures. */
const given = (decode: Decode, message: Message) =>
  decode(message).map((result) => {
    if (E.isLeft(result)) return { refused: result.left.reasons.join('; ') };
    if (!isHeard(result.right) && !isStatus(result.right)) return { nonPhone: true };
    if (isStatus(result.right)) return { status: [result.right.sensor_id, result.right.isAlive] };
    const { sensor_id, phone_id, rssi, ts } = result.right.reading;
    return { reading: [sensor_id, phone_id, rssi, ts] };
  });

const wanted = (gives: ReadonlyArray<unknown>) =>
  gives.map((one) =>
    typeof one === 'object' && one !== null && 'refused' in one
      ? { refused: expect.stringContaining(String(one.refused)) }
      : one,
  );

const FIXTURES: ReadonlyArray<readonly [FormatName, string]> = [
  ['espresense', 'espresense'],
  ['openmqttgateway', 'openmqttgateway'],
  ['theengs', 'openmqttgateway'],
  ['room-assistant', 'room-assistant'],
  ['monitor', 'monitor'],
];

describe.each(FIXTURES)('%s', (name, file) => {
  const lines: ReadonlyArray<Line> = readFileSync(`test/fixtures/formats/${file}.jsonl`, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  // One decoder for all lines: room-assistant's remembers.
  const { decode } = chooseFormats([{ name }], NATIVE_TOPICS);

  it.each(lines)('$why', (line) => {
    expect(given(decode, messageOf(line))).toEqual(wanted(line.gives));
  });
});

const heardAs = (formats: string, topic: string, payload: unknown) => {
  const { decode } = chooseFormats(readFormats(formats) ?? [], NATIVE_TOPICS);
  return given(decode, messageOf({ topic, payload: JSON.stringify(payload) }));
};

describe('chooseFormats', () => {
  const native = { sensor_id: 'pi5', phone_id: 'a87650e92820', rssi: -61, ts: 1_772_535_600 };
  const omg = { id: 'a8:76:50:e9:28:20', rssi: -62 };

  it('takes several at once, by topic', () => {
    const formats = 'native, OpenMQTTGateway ,espresense';
    expect(heardAs(formats, 'neuralsense/rssi', native)).toEqual([
      { reading: ['pi5', 'a8:76:50:e9:28:20', -61, 1_772_535_600] },
    ]);
    expect(heardAs(formats, 'home/door/BTtoMQTT/A87650E92820', omg)).toEqual([
      { reading: ['door', 'a8:76:50:e9:28:20', -62, RECEIVED_AT] },
    ]);
    expect(heardAs(formats, 'monitor/door/A87650E92820', omg)).toEqual([]);
  });

  it('subscribes to readings and to the health of sensors, each once', () => {
    const topics = (formats: string) =>
      chooseFormats(readFormats(formats) ?? [], NATIVE_TOPICS).topics;
    expect(topics('native')).toEqual(['neuralsense/sensors/+/status', ...NATIVE_TOPICS]);
    expect(topics('openmqttgateway,theengs')).toEqual(['home/+/BTtoMQTT/+', 'home/+/LWT']);
    expect(topics('monitor:location')).toEqual(['location/+/+']);
  });

  it('finds topics with another beginning', () => {
    expect(
      heardAs('espresense:shop/esp', 'shop/esp/devices/phone:anna/till', { id: 'k', rssi: -50 }),
    ).toEqual([{ reading: ['till', 'id:k', -50, RECEIVED_AT] }]);
    expect(heardAs('espresense:shop/esp', 'espresense/devices/phone:anna/till', omg)).toEqual([]);
  });

  it('hears a sensor of our own live and die', () => {
    const topic = 'neuralsense/sensors/pi5/status';
    expect(heardAs('native', topic, { state: 'online', since: 1 })).toEqual([
      { status: ['pi5', true] },
    ]);
    expect(heardAs('native', topic, { state: 'offline' })).toEqual([{ status: ['pi5', false] }]);
  });

  it('knows rooms by their names, of any script', () => {
    const { decode } = chooseFormats([{ name: 'espresense' }], []);
    const rooms = ['거실', '주방', 'Küche'.normalize('NFD'), 'Living Room'].map((room) =>
      given(
        decode,
        messageOf({ topic: `espresense/devices/k/${room}`, payload: '{"id":"k","rssi":-50}' }),
      ),
    );
    expect(rooms.flat()).toEqual(
      ['거실', '주방', 'küche', 'living_room'].map((id) => ({
        reading: [id, 'id:k', -50, RECEIVED_AT],
      })),
    );
  });

  it('makes no two rooms one', () => {
    const { decode } = chooseFormats([{ name: 'espresense' }], []);
    const from = (room: string) => {
      const topic = `espresense/devices/k/${room}`;
      return given(decode, messageOf({ topic, payload: '{"id":"k","rssi":-50}' }));
    };
    expect(from('Living Room')).toEqual(from('living room'));
    expect(from('living_room')).toEqual([
      { refused: expect.stringMatching(/would both be living_room: rename one/) },
    ]);
  });

  it.each([
    ['espresense', 'espresense/devices/phone:a/pi1', { id: 'phone:a', distance: 2.3 }],
    ['openmqttgateway', 'home/pi1/BTtoMQTT/A87650000103', { id: 'a87650000103', distance: 3.1 }],
  ])('says of %s that a distance alone places nobody', (format, topic, payload) => {
    expect(heardAs(format, topic, payload)).toEqual([
      { refused: 'rssi: none, and a distance alone places nobody' },
    ]);
  });

  it.each([
    ['native', 'neuralsense/rssi'],
    ['native', 'neuralsense/sensors/pi5/status'],
    ['espresense', 'espresense/rooms/pi1/status'],
    ['openmqttgateway', 'home/pi1/BTtoMQTT/A87650000103'],
    ['room-assistant', 'room-assistant/entity/a/bluetooth-low-energy-presence-sensor/ble-a'],
    ['monitor', 'monitor/pi1/a87650000103'],
  ])('hears nothing in what clears a retained topic: %s, %s', (format, topic) => {
    const { decode } = chooseFormats(readFormats(format) ?? [], NATIVE_TOPICS);
    expect(given(decode, messageOf({ topic, payload: '', retained: true }))).toEqual([]);
  });

  it('takes what a shared subscription brings', () => {
    const { topics, decode } = chooseFormats(
      [{ name: 'native' }],
      ['$share/gw/neuralsense/rssi/+'],
    );
    expect(topics).toContain('$share/gw/neuralsense/rssi/+');
    expect(
      given(decode, messageOf({ topic: 'neuralsense/rssi/demo', payload: JSON.stringify(native) })),
    ).toEqual([{ reading: ['pi5', 'a8:76:50:e9:28:20', -61, 1_772_535_600] }]);
  });

  it('takes readings of unknown age from nobody', () => {
    const { decode } = chooseFormats([{ name: 'espresense' }], []);
    const message = messageOf({
      topic: 'espresense/devices/k/till',
      payload: '{"id":"k","rssi":-50}',
    });
    expect(given(decode, { ...message, isBacklog: true })).toEqual([
      { refused: 'ts: none, and the message waited at the broker' },
    ]);
  });
});

describe('readFormats', () => {
  it.each(['', 'nativ', 'native,', 'espresense:', 'native:topic', 'native;monitor'])(
    'refuses %j',
    (text) => {
      expect(readFormats(text)).toBeUndefined();
    },
  );
});
