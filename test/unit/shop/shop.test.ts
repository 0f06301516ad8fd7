import { distance } from '../../../src/embedded/shop/floor.ts';
import { defaultSettings, STEP_S } from '../../../src/embedded/shop/settings.ts';
import { Truth } from '../../../src/embedded/shop/truth.ts';
import { placedSensors } from '../../../src/model/layout.ts';
import { Reading } from '../../../src/model/reading.ts';
import { shopLayout } from './shopLayout.ts';
import { groupBy, mean, median, START_TS, simulated } from './simulated.ts';

const HALF_HOUR = simulated(1_800, { seed: 1 });
const { steps, readings, truth } = HALF_HOUR;
const kindOf = new Map(truth.map(({ phone_id, kind }) => [phone_id, kind]));
const carriers = [...groupBy(truth, ({ visitor }) => visitor).values()];
const ofKind = (kind: Truth['kind']) => carriers.filter(([first]) => first?.kind === kind);
const gone = ofKind('shopper').filter((records) => records.at(-1)?.event === 'leave');
const isRandomised = (mac: string) => (Number.parseInt(mac.slice(0, 2), 16) & 0x02) !== 0;

describe('simulateShop is deterministic', () => {
  it('plays the same day for a seed, and another for another', () => {
    const first = JSON.stringify(simulated(60, { seed: 5 }));
    expect(JSON.stringify(simulated(60, { seed: 5 }))).toBe(first);
    expect(JSON.stringify(simulated(60, { seed: 6 }))).not.toBe(first);
  });

  it('plays the same day at another time', () => {
    const later = simulated(60, { seed: 5, startTs: START_TS + 86_400 });
    const places = (all: ReadonlyArray<Truth>) => all.map(({ ts, ...place }) => place);
    expect(places(later.truth)).toEqual(places(simulated(60, { seed: 5 }).truth));
    expect(later.steps[0]?.ts).toBe(START_TS + 86_400 + STEP_S);
  });
});

describe('simulateShop keeps people and radio apart', () => {
  it('walks everybody the same way whatever the sensors hear', () => {
    const deaf = { radio: { ...defaultSettings.radio, sensitivityDbm: -40, shadowSdDb: 9 } };
    const [usual, unheard] = [
      simulated(120, { seed: 5 }),
      simulated(120, { seed: 5, settings: deaf }),
    ];
    expect(unheard.truth).toEqual(usual.truth);
    expect(unheard.readings.length).toBeLessThan(usual.readings.length / 10);
  });
});

describe('simulateShop readings', () => {
  it('decode with the codec and stay as they are', () => {
    const decoded = readings.map((reading) => {
      const result = Reading.decode(reading);
      return result._tag === 'Right' ? result.right : undefined;
    });
    expect(JSON.stringify(decoded)).toBe(JSON.stringify(readings));
  });

  it('come in the order of time, stamped within some ms of their step', () => {
    for (const step of steps) {
      const times = step.readings.map(({ ts }) => ts);
      expect(times.every((ts, i) => i === 0 || ts >= (times[i - 1] ?? ts))).toBe(true);
      expect(Math.min(...times)).toBeGreaterThan(step.ts - STEP_S - 0.02);
      expect(Math.max(...times)).toBeLessThan(step.ts + 0.02);
    }
  });

  it('are of a load that a laptop does not notice: 5–200 a second', () => {
    const perMinute = groupBy(readings, ({ ts }) => Math.floor((ts - START_TS) / 60));
    const rates = [...perMinute.values()].map((minute) => minute.length / 60);
    expect(rates.length).toBeGreaterThanOrEqual(30);
    expect(Math.min(...rates)).toBeGreaterThan(5);
    expect(Math.max(...rates)).toBeLessThan(200);
  });

  it('come from all sensors alike', () => {
    const counts = [...groupBy(readings, ({ sensor_id }) => sensor_id).values()].map(
      ({ length }) => length,
    );
    expect(counts).toHaveLength(8);
    expect(Math.min(...counts)).toBeGreaterThan(0.8 * Math.max(...counts));
  });

  it('fall with the distance to the sensor', () => {
    const sensors = new Map(placedSensors(shopLayout).map((sensor) => [sensor.sensor_id, sensor]));
    const places = groupBy(truth, ({ phone_id }) => phone_id);
    const ranges = groupBy(
      readings.slice(0, 20_000).flatMap(({ sensor_id, phone_id, rssi, ts }) => {
        const place = places.get(phone_id)?.find((record) => Math.abs(record.ts - ts) <= 1);
        const sensor = sensors.get(sensor_id);
        return place && sensor ? [{ rssi, metres: distance(place, sensor) }] : [];
      }),
      ({ metres }) => (metres < 3 ? 'near' : metres < 8 ? 'middle' : metres > 14 ? 'far' : 'rest'),
    );
    const level = (range: 'near' | 'middle' | 'far') =>
      median((ranges.get(range) ?? []).map(({ rssi }) => rssi));
    expect(level('near')).toBeGreaterThan(-67);
    expect(level('near')).toBeLessThan(-52);
    expect(level('middle')).toBeLessThan(level('near') - 4);
    expect(level('far')).toBeLessThan(level('middle') - 5);
    expect(level('far')).toBeGreaterThan(-88);
  });

  it('hear passers-by weakly and briefly', () => {
    const heard = groupBy(readings, ({ phone_id }) => kindOf.get(phone_id));
    const levels = (kind: Truth['kind']) => (heard.get(kind) ?? []).map(({ rssi }) => rssi);
    expect(levels('passerby').length).toBeGreaterThan(100);
    expect(median(levels('passerby'))).toBeLessThan(median(levels('shopper')) - 6);
    for (const records of ofKind('passerby'))
      expect((records.at(-1)?.ts ?? 0) - (records[0]?.ts ?? 0)).toBeLessThan(45);
  });

  it('show mostly randomised addresses, and those of makers for staff and devices', () => {
    const ids = new Set(readings.map(({ phone_id }) => phone_id));
    const shoppers = [...ids].filter((id) => kindOf.get(id) === 'shopper');
    const share = shoppers.filter(isRandomised).length / shoppers.length;
    expect(share).toBeGreaterThan(0.8);
    expect(share).toBeLessThan(0.97);
    const house = [...ids].filter((id) => ['staff', 'fixed'].includes(kindOf.get(id) ?? ''));
    expect(house).toHaveLength(6);
    expect(house.some(isRandomised)).toBe(false);
  });
});

describe('simulateShop truth', () => {
  it('decodes with its codec, and is of the people of its step', () => {
    const decoded = truth.map((record) => {
      const result = Truth.decode(record);
      return result._tag === 'Right' ? result.right : undefined;
    });
    expect(decoded).toEqual(truth);
    expect(steps.every((step) => step.truth.every(({ ts }) => ts === step.ts))).toBe(true);
  });

  it('covers every reading within 4 s', () => {
    const places = groupBy(truth, ({ phone_id }) => phone_id);
    const uncovered = readings.filter(
      ({ phone_id, ts }) =>
        !places.get(phone_id)?.some((record) => Math.abs(record.ts - ts) <= 4.3),
    );
    expect(uncovered).toEqual([]);
  });

  it('lets shoppers enter and leave at the entrance', () => {
    expect(gone.length).toBeGreaterThan(80);
    for (const records of gone) {
      expect(records[0]).toMatchObject({ event: 'enter', zone_id: 1, x: 10, y: 0.2 });
      expect(records.at(-1)).toMatchObject({ event: 'leave', zone_id: 1, x: 10, y: 0.2 });
    }
  });

  it('lets them look at displays, and some pay, once, at the checkout', () => {
    const typeOf = new Map(shopLayout.zones.map(({ zone_id, zone_type }) => [zone_id, zone_type]));
    const pays = gone.flatMap((records) => records.filter(({ event }) => event === 'pay'));
    expect(pays.length / gone.length).toBeGreaterThan(0.25);
    expect(pays.length / gone.length).toBeLessThan(0.55);
    expect(new Set(pays.map(({ visitor }) => visitor)).size).toBe(pays.length);
    for (const { zone_id } of pays) expect(typeOf.get(zone_id ?? 0)).toBe('checkout');
    for (const records of gone)
      expect(records.some(({ zone_id }) => typeOf.get(zone_id ?? 0) === 'display')).toBe(true);
  });

  it('serves one shopper after another', () => {
    const pays = truth.filter(({ event }) => event === 'pay').map(({ ts }) => ts);
    const gaps = pays.slice(1).map((ts, i) => ts - (pays[i] ?? ts));
    expect(gaps.length).toBeGreaterThan(10);
    expect(Math.min(...gaps)).toBeGreaterThan(4);
  });

  it('lets nobody run', () => {
    const speeds = carriers.flatMap((records) =>
      records.slice(1).map((record, i) => {
        const before = records[i] ?? record;
        return distance(record, before) / Math.max(STEP_S, record.ts - before.ts);
      }),
    );
    expect(Math.max(...speeds)).toBeLessThan(2);
    expect(Math.max(...speeds)).toBeGreaterThan(0.8);
  });

  it('keeps the staff inside and the devices in place', () => {
    expect(ofKind('staff')).toHaveLength(3);
    expect(ofKind('fixed')).toHaveLength(3);
    for (const records of [...ofKind('staff'), ...ofKind('fixed')]) {
      expect(records[0]?.ts).toBe(START_TS + STEP_S);
      expect(records.at(-1)?.ts).toBeGreaterThan(START_TS + 1_795);
      expect(records.every(({ event, zone_id }) => event === undefined && zone_id !== null)).toBe(
        true,
      );
    }
    for (const records of ofKind('fixed'))
      expect(new Set(records.map(({ x, y }) => `${x} ${y}`)).size).toBe(1);
    const roaming = ofKind('staff').map((records) => new Set(records.map((r) => r.zone_id)).size);
    expect(Math.max(...roaming)).toBeGreaterThan(5);
  });

  it('knows passers-by to be outside', () => {
    expect(ofKind('passerby').length).toBeGreaterThan(50);
    const outside = ofKind('passerby').flat();
    expect(outside.every(({ zone_id, y }) => zone_id === null && y < 0)).toBe(true);
  });
});

describe('simulateShop fills', () => {
  const people = (recording: typeof HALF_HOUR, from: number, to: number) =>
    new Set(
      recording.truth
        .filter(({ ts, kind }) => ts > START_TS + from && ts <= START_TS + to && kind !== 'fixed')
        .map(({ visitor }) => visitor),
    ).size;

  it.each([1, 2, 3, 4, 5, 6])('about 12 people within 10 s (seed %d)', (seed) => {
    const count = people(simulated(10, { seed }), 0, 10);
    expect(count).toBeGreaterThanOrEqual(11);
    expect(count).toBeLessThanOrEqual(17);
  });

  it('20–30 people from the fifth minute on', () => {
    const counts = Array.from({ length: 25 }, (_, minute) =>
      people(HALF_HOUR, 300 + minute * 60, 304 + minute * 60),
    );
    expect(mean(counts)).toBeGreaterThan(18);
    expect(mean(counts)).toBeLessThan(32);
  });

  it('as busy as it is told', () => {
    const nobody = { openingShoppers: 0, arrivalsPerMinute: 0, passersbyPerMinute: 0, staff: 0 };
    expect(new Set(simulated(60, { seed: 1, settings: nobody }).truth.map((r) => r.kind))).toEqual(
      new Set(['fixed']),
    );
  });

  it('a shop of one zone without checkout, too', () => {
    const [zone] = shopLayout.zones.filter(({ zone_type }) => zone_type === 'display');
    const layout = { zones: zone ? [zone] : [], sensors: shopLayout.sensors };
    const small = simulated(600, { seed: 1, layout });
    const events = new Set(small.truth.map(({ event }) => event));
    expect(events).toEqual(new Set([undefined, 'enter', 'leave']));
    expect(small.readings.length).toBeGreaterThan(100);
  });
});
