import { brokerAddress } from '../../../src/sources/brokerAddress.ts';

it.each([
  ['mqtt://127.0.0.1:1883', 'mqtt://127.0.0.1:1883', {}],
  [
    'mqtt://gate2:a%3Ab@127.0.0.1:1883',
    'mqtt://127.0.0.1:1883',
    { username: 'gate2', password: 'a:b' },
  ],
  ['mqtts://gate@shop.local', 'mqtts://shop.local', { username: 'gate' }],
  ['mqtt://gate:100%@shop', 'mqtt://shop', { username: 'gate', password: '100%' }],
  ['ws://[::1]:9001/mqtt', 'ws://[::1]:9001/mqtt', { hostname: '[::1]' }],
  ['mqtt://[::1]:1883', 'mqtt://[::1]:1883', {}],
  ['wss://shop.local/mqtt', 'wss://shop.local/mqtt', { hostname: 'shop.local' }],
])('%s', (text, url, options) => {
  expect(brokerAddress(text)).toEqual({ url, options });
});
