import { floorOf } from '../../../src/embedded/shop/floor.ts';
import { planVisit } from '../../../src/embedded/shop/itinerary.ts';
import { seededRandom } from '../../../src/embedded/shop/random.ts';
import { shopLayout } from './shopLayout.ts';
import { median } from './simulated.ts';

const random = seededRandom(11);
const floor = floorOf(shopLayout);
const visits = Array.from({ length: 2_000 }, () => planVisit(floor, random));
const share = (holds: (visit: (typeof visits)[number]) => boolean) =>
  visits.filter(holds).length / visits.length;
const tries = ({ errands }: (typeof visits)[number]) =>
  errands.some(({ zone }) => zone.zone_type === 'fitting');

describe('planVisit', () => {
  it('looks at 1–6 different displays and tries on last, if at all', () => {
    for (const { errands } of visits) {
      const types = errands.map(({ zone }) => zone.zone_type);
      const displays = errands.filter(({ zone }) => zone.zone_type === 'display');
      expect(displays.length).toBeGreaterThanOrEqual(1);
      expect(displays.length).toBeLessThanOrEqual(6);
      expect(new Set(displays.map(({ zone }) => zone)).size).toBe(displays.length);
      expect(types.slice(0, -1)).toEqual(types.slice(0, -1).map(() => 'display'));
      expect(['display', 'fitting']).toContain(types.at(-1));
    }
  });

  it('makes a funnel: fewer try on than look, fewer buy than look, fitters buy more', () => {
    expect(Math.abs(share(({ errands }) => errands.length === 1) - 1 / 7)).toBeLessThan(0.03);
    expect(Math.abs(share(tries) - 0.26)).toBeLessThan(0.04);
    const buys = share(({ buys }) => buys);
    expect(buys).toBeGreaterThan(0.34);
    expect(buys).toBeLessThan(0.46);
    expect(share((visit) => tries(visit) && visit.buys) / share(tries)).toBeGreaterThan(0.57);
  });

  it('stands at displays for half a minute, seldom much longer', () => {
    const dwells = visits
      .flatMap(({ errands }) => errands)
      .filter(({ zone }) => zone.zone_type === 'display')
      .map(({ seconds }) => seconds);
    expect(Math.abs(median(dwells) - 30)).toBeLessThan(2);
    expect(Math.min(...dwells)).toBeGreaterThan(0);
    expect(Math.max(...dwells)).toBeLessThanOrEqual(240);
  });

  it('begins near the entrance more often than far from it', () => {
    const first = (name: string) => share(({ errands }) => errands[0]?.zone.zone_name === name);
    expect(first('New Arrivals')).toBeGreaterThan(2 * first('Kids'));
  });
});
