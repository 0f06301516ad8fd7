import { rollCall, type Speaker } from '../../../src/sources/rollCall.ts';

const CLIENT = 'neuralsense-downtown';
const said = (speaker: Speaker, state = 'online'): string => JSON.stringify({ state, ...speaker });
const pair = () => ({
  elder: rollCall(CLIENT, 'a', 100),
  younger: rollCall(CLIENT, 'b', 200),
});

test('whoever came second learns of the first when that one has come back; the first stays', () => {
  const { elder, younger } = pair();
  const first = elder.begin();
  const second = younger.begin();
  expect(younger.hears(said(first, 'offline'))).toBeUndefined();
  expect(younger.hears(said(second))).toBeUndefined();
  const again = elder.begin();
  expect(elder.hears(said(second, 'offline'))).toBeUndefined();
  expect(elder.hears(said(again))).toBeUndefined();
  expect(elder.hears(said(younger.begin()))).toBeUndefined();
  expect(younger.hears(said(again, 'offline'))).toEqual(again);
});

test('a backlog may hold any number of words of one that is gone', () => {
  const { elder, younger } = pair();
  const own = younger.begin();
  for (const word of [elder.begin(), elder.begin(), elder.begin()])
    expect(younger.hears(said(word))).toBeUndefined();
  const last = elder.begin();
  expect(younger.hears(said(last, 'offline'))).toBeUndefined();
  younger.hears(said(own));
  // Its last will, retained, with each connection of ours.
  for (const _again of [1, 2, 3]) {
    expect(younger.hears(said(last, 'offline'))).toBeUndefined();
    younger.hears(said(younger.begin()));
  }
});

test('a last will that comes late, behind our own word, proves nothing', () => {
  const { elder, younger } = pair();
  const last = elder.begin();
  younger.hears(said(younger.begin()));
  expect(younger.hears(said(last, 'offline'))).toBeUndefined();
  expect(younger.hears(said(last, 'offline'))).toBeUndefined();
});

test('who was never thrown out has no rival, whatever is said', () => {
  const { elder, younger } = pair();
  younger.hears(said(younger.begin()));
  for (const word of [elder.begin(), elder.begin(), elder.begin()])
    expect(younger.hears(said(word))).toBeUndefined();
});

test('other pipelines of the store and other words are none of our business', () => {
  const { younger } = pair();
  const other = rollCall('neuralsense-upstairs', 'c', 1);
  younger.hears(said(younger.begin()));
  for (const word of ['', 'null', '[]', '{"state":"online","since":1}', '{"connection":9}'])
    expect(younger.hears(word)).toBeUndefined();
  for (const _again of [1, 2]) expect(younger.hears(said(other.begin()))).toBeUndefined();
});

test('of two that began in the same instant one is the second', () => {
  const [a, b] = [rollCall(CLIENT, 'a', 100), rollCall(CLIENT, 'b', 100)];
  const [first, second] = [a.begin(), b.begin()];
  a.hears(said(first));
  b.hears(said(second));
  a.hears(said(second));
  b.hears(said(first));
  const back = [a.hears(said(b.begin())), b.hears(said(a.begin()))];
  expect(back.map((rival) => rival?.instance)).toEqual([undefined, 'a']);
});
