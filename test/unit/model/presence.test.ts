import { arrivals, isSamePresence, presenceAt } from '../../../src/model/presence.ts';
import type { Track } from '../../../src/model/track.ts';

const track = (phone_id: string, zone_id: number | null, heard_ts: number): Track => ({
  phone_id,
  zone_id,
  heard_ts,
  enter_ts: 0,
  zones: [],
});
/** Everybody was heard at once, each in a zone. */
const presence = (zones: Readonly<Record<string, number>>) =>
  presenceAt(
    Object.entries(zones).map(([phone, zone]) => track(phone, zone, 1)),
    1,
    600,
  );

describe('who is present', () => {
  it('counts phones by zone, and none of which no zone is confirmed', () => {
    const { zones, phones } = presenceAt(
      [track('a', 3, 9), track('b', 3, 10), track('c', 12, 10), track('new', null, 10)],
      10,
      600,
    );
    expect([...zones]).toEqual([
      [3, 2],
      [12, 1],
    ]);
    expect([...phones]).toEqual(['a', 'b', 'c']);
  });

  it('ends with the window: who was heard exactly so long ago is gone', () => {
    const seen = [track('a', 1, 1_000), track('b', 1, 1_000.001)];
    expect([...presenceAt(seen, 1_600, 600).phones]).toEqual(['b']);
  });
});

describe('what has changed', () => {
  const before = presence({ a: 1, b: 2 });

  it('is who came, and the other way round who went', () => {
    const now = presence({ b: 2, c: 1, d: 1 });
    expect([arrivals(before, now), arrivals(now, before)]).toEqual([2, 1]);
  });

  it.each([
    ['nothing', { a: 1, b: 2 }, true],
    ['two who changed places', { a: 2, b: 1 }, true],
    ['one who went to another zone', { a: 1, b: 3 }, false],
    ['one who came', { a: 1, b: 2, c: 3 }, false],
    ['one who went', { a: 1 }, false],
    ['one who came for one who went', { a: 1, c: 2 }, false],
  ])('%s', (_what, now, isSame) => {
    expect(isSamePresence(before, presence(now))).toBe(isSame);
    expect(isSamePresence(presence(now), before)).toBe(isSame);
  });
});
