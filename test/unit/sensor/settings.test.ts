import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { phoneId } from '../../../sensor/phoneId.mjs';
import { readSettings } from '../../../sensor/settings.mjs';
import { addressKind, PhoneId } from '../../../src/model/phoneId.ts';
import { hashMac } from '../../../src/production/hashMac.ts';

const NEEDED = { SENSOR_ID: 'pi1', MQTT_URL: 'mqtt://127.0.0.1' };

describe('readSettings', () => {
  it('needs a name and a broker', () => {
    expect(readSettings(NEEDED)).toMatchObject({
      sensorId: 'pi1',
      topic: 'neuralsense/rssi/demo/pi1',
      access: {},
      capture: expect.stringContaining('tcpdump -i wlan1 '),
      queueBytes: 64e6,
    });
  });

  it('publishes on a topic of its own in the store that is named', () => {
    expect(readSettings({ ...NEEDED, STORE_NAME: 'town' }).topic).toBe('neuralsense/rssi/town/pi1');
  });

  it('says all that is wrong at once', () => {
    const wrong = {
      SENSOR_ID: 'pi 1',
      MQTT_URL: 'http://broker',
      HASH_SECRET: 'short',
      QUEUE_MB: 'much',
      STORE_NAME: 'down/town',
      MQTT_CA_FILE: '/nowhere/ca.pem',
    };
    for (const name of Object.keys(wrong)) expect(() => readSettings(wrong)).toThrow(`${name}: `);
  });

  it('knows every setting of the example', () => {
    const example = parseEnv(readFileSync('sensor/sensor.env.example', 'utf8'));
    const source = readFileSync('sensor/settings.mjs', 'utf8');
    const unit = readFileSync('sensor/neuralsense-sensor.service', 'utf8');
    for (const name of Object.keys(example))
      expect(source.includes(`'${name}'`) || unit.includes(`\${${name}}`)).toBe(true);
    const { MQTT_CA_FILE: _file, ...rest } = example;
    expect(readSettings(rest).sensorId).toBe('pi1');
  });
});

it.each([
  ['a8:76:50:e9:28:20', 'fixed'],
  ['a6:a4:f6:4f:62:44', 'randomised'],
])('a hash made by the sensor is the one that the pipeline makes: %s', (mac, kind) => {
  const secret = 'sixteen characters and more';
  const id = phoneId(mac, secret);
  expect(PhoneId.is(id)).toBe(true);
  expect(hashMac(secret)(id)).toBe(hashMac(secret)(mac));
  expect(addressKind(id)).toBe(kind);
  expect(id).not.toContain(mac);
  expect(phoneId(mac, undefined)).toBe(mac);
});
