import { either as E } from 'fp-ts';
import { type Config, readConfig } from '../../../src/config.ts';

type Given = Readonly<Record<string, string | undefined>>;

const settingsOf = (env: Given): Config => {
  const config = readConfig(env);
  if (E.isLeft(config)) throw new Error(config.left.join('\n'));
  return config.right;
};

const problemsOf = (env: Given): ReadonlyArray<string> => {
  const config = readConfig(env);
  return E.isLeft(config) ? config.left : [];
};

describe('the names of the Python script', () => {
  it.each([
    [{ MQTT_BROKER_IP: '127.0.0.1', MQTT_BROKER_PORT: '1884' }, 'mqtt://127.0.0.1:1884'],
    [{ MQTT_BROKER_IP: '192.168.0.10' }, 'mqtt://192.168.0.10:1883'],
    [{ MQTT_BROKER_PORT: '1884' }, 'mqtt://127.0.0.1:1884'],
    [{ MQTT_BROKER_IP: 'my_broker-2.local' }, 'mqtt://my_broker-2.local:1883'],
    [{ MQTT_BROKER_IP: 'localhost' }, 'mqtt://localhost:1883'],
    [{ MQTT_BROKER_IP: '::1', MQTT_BROKER_PORT: '65535' }, 'mqtt://[::1]:65535'],
    [{ MQTT_BROKER_IP: '[fd00::5]' }, 'mqtt://[fd00::5]:1883'],
    [{ MQTT_BROKER_IP: '127.0.0.1', MQTT_URL: 'mqtts://ours' }, 'mqtts://ours'],
    [{}, undefined],
  ])('make of %j the broker %s', (env, url) => {
    expect(settingsOf(env).MQTT_URL).toBe(url);
  });

  it.each([
    ['MQTT_BROKER_IP', 'mqtt://broker'],
    ['MQTT_BROKER_IP', 'broker:1883'],
    ['MQTT_BROKER_IP', '300.1.1.1'],
    ['MQTT_BROKER_IP', '1.2.3'],
    ['MQTT_BROKER_IP', 'fe80::1%eth0'],
    ['MQTT_BROKER_IP', 'the broker'],
  ])('refuse %s=%s, saying what is wanted', (name, value) => {
    expect(problemsOf({ [name]: value })).toEqual([
      `${name}: give the address or the name of the broker alone; a whole URL goes into MQTT_URL (it is "${value}")`,
    ]);
  });

  it.each(['0', '65536', '-1', '1883.5', 'mqtt'])('refuse the port %s', (port) => {
    expect(problemsOf({ MQTT_BROKER_PORT: port })).toEqual([
      `MQTT_BROKER_PORT: give a whole number of port from 1 to 65535 (it is "${port}")`,
    ]);
  });

  it.each([
    [{}, 'neuralsense/rssi,neuralsense/rssi/+,neuralsense/rssi/+/+'],
    [
      { MQTT_TOPIC_PREFIX: 'neuralsense' },
      'neuralsense/rssi,neuralsense/rssi/+,neuralsense/rssi/+/+',
    ],
    [{ MQTT_TOPIC_PREFIX: 'shop/seoul' }, 'shop/seoul/rssi,shop/seoul/rssi/+,shop/seoul/rssi/+/+'],
    [{ MQTT_TOPIC_PREFIX: 'shop', MQTT_TOPIC: 'ours/#' }, 'ours/#'],
  ])('make of %j the topics %s', (env, topics) => {
    expect(settingsOf(env).MQTT_TOPIC).toBe(topics);
  });

  it.each(['shop/', '/shop', 'a//b', 'shop/#', '+', 'two words'])(
    'refuse the topic prefix %s',
    (prefix) => {
      expect(problemsOf({ MQTT_TOPIC_PREFIX: prefix })).toEqual([
        expect.stringMatching(/^MQTT_TOPIC_PREFIX: give the beginning of the topics, /),
      ]);
    },
  );

  it.each([
    ['pi5,pi7,pi8', ['pi5', 'pi7', 'pi8']],
    [' Pi5, PI7 pi5,', ['pi5', 'pi7']],
    [undefined, []],
    [' ', []],
  ])('read PI_IDS=%s', (PI_IDS, ids) => {
    expect(settingsOf({ PI_IDS }).PI_IDS).toEqual(ids);
  });

  it.each(['pi5;pi7', '["pi5"]', ',', `pi${'5'.repeat(64)}`])('refuse PI_IDS=%s', (PI_IDS) => {
    expect(problemsOf({ PI_IDS })).toEqual([
      expect.stringMatching(/^PI_IDS: give the ids of the sensors, separated by commas/),
    ]);
  });

  it('leave no doubt about the embedded broker', () => {
    expect(problemsOf({ EMBEDDED_MQTT_HOST: '0.0.0.0', MQTT_BROKER_IP: '10.0.0.1' })).toEqual([
      'EMBEDDED_MQTT_HOST, MQTT_BROKER_IP: give one of them: with a broker of your own there is no embedded one',
    ]);
  });
});
