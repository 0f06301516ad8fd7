import { rollCall, type Speaker } from '../../../src/sources/rollCall.ts';

const CLIENT = 'neuralsense-downtown';
const said = (speaker: Speaker, state = 'online'): string => JSON.stringify({ state, ...speaker });
const pair = () => ({
  elder: rollCall(CLIENT, 'a', 100),
  younger: rollCall(CLIENT, 'b', 200),
});

test('whoever came second learns of the first when that one has heard it; the first stays', () => {
  const { elder, younger } = pair();
  const first = elder.begin();
  const second = younger.begin();
  expect(younger.hears(said(first, 'offline'))).toBeUndefined();
  expect(elder.hears(said(second, 'offline'))).toBeUndefined();
  const again = elder.begin();
  expect(elder.hears(said(again))).toBeUndefined();
  expect(elder.hears(said(younger.begin()))).toBeUndefined();
  expect(younger.hears(said(again, 'offline'))).toEqual(again);
});

test('what one that is gone said may come late, again, and in any order', () => {
  const { elder, younger } = pair();
  const words = [elder.begin(), elder.begin(), elder.begin()];
  for (const _again of [1, 2, 3]) {
    younger.hears(said(younger.begin()));
    for (const word of words) {
      expect(younger.hears(said(word))).toBeUndefined();
      expect(younger.hears(said(word, 'offline'))).toBeUndefined();
    }
  }
});

test('who was never thrown out has no rival, whatever is said', () => {
  const { elder, younger } = pair();
  elder.hears(said(younger.begin()));
  for (const word of [elder.begin(), elder.begin()])
    expect(younger.hears(said(word))).toBeUndefined();
});

test('other pipelines of the store and other words are none of our business', () => {
  const { younger } = pair();
  const other = rollCall('neuralsense-upstairs', 'c', 1);
  younger.begin();
  other.hears(said(younger.begin()));
  for (const word of ['', 'null', '[]', '{"state":"online","since":1}', '{"heard":["b"]}'])
    expect(younger.hears(word)).toBeUndefined();
  for (const _again of [1, 2]) expect(younger.hears(said(other.begin()))).toBeUndefined();
});

test('remembers only the latest that it has heard', () => {
  const { elder } = pair();
  for (let n = 0; n < 100; n += 1) elder.hears(said(rollCall(CLIENT, `${n}`, n).begin()));
  expect(elder.begin().heard).toEqual(['92', '93', '94', '95', '96', '97', '98', '99']);
});

test('of two that began in the same instant one is the second', () => {
  const [a, b] = [rollCall(CLIENT, 'a', 100), rollCall(CLIENT, 'b', 100)];
  const [first, second] = [a.begin(), b.begin()];
  a.hears(said(second));
  b.hears(said(first));
  const back = [a.hears(said(b.begin())), b.hears(said(a.begin()))];
  expect(back.map((rival) => rival?.instance)).toEqual([undefined, 'a']);
});
