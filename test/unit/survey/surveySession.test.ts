import { NEVER, timer, VirtualTimeScheduler } from 'rxjs';
import { map, take } from 'rxjs/operators';
import { recognise } from '../../../src/commands/survey/surveyedPhone.ts';
import { recordPlace } from '../../../src/commands/survey/surveySession.ts';
import { zoneProgress } from '../../../src/commands/survey/zoneProgress.ts';
import { readConfig } from '../../../src/config.ts';
import type { Layout } from '../../../src/model/layout.ts';
import { saltedId } from '../../../src/production/saltedId.ts';

const PHONE = 'a8:76:50:e9:28:20';
const layout: Layout = {
  zones: [{ zone_id: 1, x: 0, y: 0, zone_name: 'Zone 1', zone_type: 'display' }],
  sensors: ['pi5', 'pi7'].map((sensor_id) => ({ sensor_id })),
};

/** A phone that is heard by both sensors twice a second, for ten minutes of virtual time. */
const session = (surveyed: string) => {
  const scheduler = new VirtualTimeScheduler();
  const lines: string[] = [];
  const readings$ = timer(0, 500, scheduler).pipe(
    take(1_200),
    map((n) => ({
      ...{ sensor_id: n % 2 === 0 ? 'pi5' : 'pi7', phone_id: PHONE, rssi: -60 },
      ts: scheduler.now() / 1000,
    })),
  );
  const around = () => ({ phones: new Map(), loudest: new Map(), rejected: 0, reasons: [] });
  return {
    lines,
    scheduler,
    session: {
      layout,
      ear: { readings$, status$: NEVER, around, forget: () => undefined },
      phone: PHONE,
      isPhone: (phoneId: string) => phoneId === PHONE,
      seconds: undefined,
      progress: zoneProgress(layout, surveyed),
      addLine: (line: string) => void lines.push(line),
      terminal: { print: () => undefined, status: () => undefined },
      env: { scheduler, random: () => 0.5, log: () => undefined },
      stop$: NEVER,
    },
  };
};

const HEADER = 'zone_id,x,y,z,t0,pi5,pi7,n_pi5,n_pi7';
const surveyed = (windows: number): string =>
  [HEADER, ...Array.from({ length: windows }, (_, n) => `1,,,1.2,${5 * n},-60,-60,1,1`)].join('\n');

it.each([
  ['has nothing yet: until it has enough', 0, 12],
  ['lacks two windows: these two', 10, 2],
  ['has enough already: a minute more, at another place of it', 12, 12],
])('of a zone that %s', async (_what, before, recorded) => {
  const { lines, scheduler, session: one } = session(surveyed(before));
  const windows = recordPlace(one, { x: 1, y: 1, z: 1.2 });
  scheduler.flush();
  expect(await windows).toBe(recorded);
  expect(lines).toHaveLength(recorded);
});

it('knows the phone by the id that its sensors make of it with the salt', async () => {
  const config = readConfig({ PHONE_HASH_SALT: 'salt' });
  if (config._tag === 'Left') throw new Error(config.left.join('\n'));
  const isPhone = await recognise(config.right, PHONE);
  expect(isPhone(PHONE)).toBe(true);
  expect(isPhone(saltedId('salt')(PHONE))).toBe(true);
  expect(isPhone(saltedId('salt')('a8:76:50:e9:28:21'))).toBe(false);
});
