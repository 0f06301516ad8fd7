import { claimsOfTopic, matchesFilter, unshared } from '../../../src/model/topic.ts';

test.each([
  ['neuralsense/rssi', {}],
  ['neuralsense/rssi/', {}],
  ['neuralsense/rssi/downtown', { store: 'downtown' }],
  ['neuralsense/rssi/downtown/pi5', { store: 'downtown', sensor: 'pi5' }],
  ['neuralsense/rssi/downtown/', { store: 'downtown', sensor: '' }],
  ['neuralsense/rssi/downtown/pi5/more', { store: 'downtown', sensor: 'pi5/more' }],
  ['neuralsense/rssi/downtown/\n', { store: 'downtown', sensor: '\n' }],
  ['other/neuralsense/rssi/downtown', {}],
])('%j claims %j', (topic, claims) => {
  expect(claimsOfTopic(topic)).toEqual(claims);
});

it.each([
  ['shop/seoul/rssi', {}],
  ['shop/seoul/rssi/downtown/pi5', { store: 'downtown', sensor: 'pi5' }],
  ['neuralsense/rssi/downtown', {}],
])('below another beginning %s claims %j', (topic, claims) => {
  expect(claimsOfTopic(topic, 'shop/seoul/rssi')).toEqual(claims);
});

it.each([
  ['$share/gw/neuralsense/rssi/+', 'neuralsense/rssi/demo', true],
  ['$share/gw/neuralsense/rssi/+', 'neuralsense/rssi', false],
  ['$share/gw/#', 'neuralsense/rssi/demo', true],
])('the filter %s of a group takes %s: %j', (filter, topic, takes) => {
  expect(matchesFilter(filter, topic)).toBe(takes);
});

it.each([
  ['$share/gw/neuralsense/rssi/+', 'neuralsense/rssi/+'],
  ['neuralsense/rssi', 'neuralsense/rssi'],
])('%s is asked for alone as %s', (filter, alone) => {
  expect(unshared(filter)).toBe(alone);
});
