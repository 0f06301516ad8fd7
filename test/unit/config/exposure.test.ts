import { either as E } from 'fp-ts';
import { exposureOf } from '../../../src/commands/exposure.ts';
import { type Config, readConfig } from '../../../src/config.ts';
import { type ShippedCertificates, shippedCertificates } from '../../support/certificates.ts';

const config = (settings: Record<string, string>): Config => {
  const read = readConfig(settings);
  if (E.isLeft(read)) throw new Error(read.left.join('; '));
  return read.right;
};
const layout = (...ids: ReadonlyArray<string>) => ({
  zones: [],
  sensors: ids.map((sensor_id) => ({ sensor_id, x: 0, y: 0, z: 2 })),
});

let certificates: ShippedCertificates;
beforeAll(async () => {
  certificates = await shippedCertificates(['pi1']);
});
afterAll(() => certificates.remove());

test('nothing is exposed unasked', async () => {
  expect(await exposureOf(config({}), layout('pi1'))).toBeUndefined();
  expect(await exposureOf(config({ EMBEDDED_MQTT_HOST: ' ' }), layout('pi1'))).toBeUndefined();
});

test('without TLS exposing is refused, and what to do is said', async () => {
  const settings = { EMBEDDED_MQTT_HOST: '0.0.0.0', EMBEDDED_MQTT_CERTIFICATES: '/nowhere' };
  await expect(exposureOf(config(settings), layout('pi1'))).rejects.toThrow(
    /EMBEDDED_MQTT_HOST: the broker is not exposed without TLS, and \/nowhere lacks ca\.pem, server\.pem, server\.key: npm run certificates -- --host /,
  );
});

test('with certificates it is, and nobody comes in without one', async () => {
  const settings = {
    EMBEDDED_MQTT_HOST: '0.0.0.0',
    EMBEDDED_MQTT_CERTIFICATES: certificates.folder,
  };
  const exposure = await exposureOf(config(settings), layout('pi1'));
  expect(exposure).toMatchObject({ host: '0.0.0.0', port: 8883 });
  expect(exposure?.tls.key.toString()).toContain('PRIVATE KEY');
  expect(exposure).not.toHaveProperty('passwords');
});

test.each(['pipeline', 'survey'])('no sensor can pass for the %s', async (name) => {
  const settings = {
    EMBEDDED_MQTT_HOST: '0.0.0.0',
    EMBEDDED_MQTT_CERTIFICATES: certificates.folder,
  };
  await expect(exposureOf(config(settings), layout('pi1', name))).rejects.toThrow(
    `no sensor may be called "${name}"`,
  );
});

test('a broker of one’s own is not exposed by us', () => {
  const settings = { EMBEDDED_MQTT_HOST: '0.0.0.0', MQTT_URL: 'mqtt://shop' };
  expect(readConfig(settings)).toEqual(
    E.left([expect.stringContaining('EMBEDDED_MQTT_HOST, MQTT_URL: give one of them')]),
  );
});
