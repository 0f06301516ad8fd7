import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { either as E } from 'fp-ts';
import { Reading } from '../../src/model/reading.ts';
import { objections } from '../../src/operators/admitReadings.ts';
import { chooseFormats, FORMAT_NAMES } from '../../src/sources/formats/choose.ts';
import { FLAT_BYTES, fuzzing, heapInUse, hostileBytes, NASTY } from '../support/hostile.ts';

interface Sample {
  readonly topic: string;
  readonly payload: string;
}

const TOPICS = ['neuralsense/rssi', 'neuralsense/rssi/+', 'neuralsense/rssi/+/+'];
const reading = { sensor_id: 'pi5', phone_id: 'a8:76:50:e9:28:20', rssi: -61, ts: 1_740_000_000.5 };
const NATIVE: ReadonlyArray<Sample> = [
  { topic: 'neuralsense/rssi', payload: JSON.stringify(reading) },
  { topic: 'neuralsense/rssi/demo', payload: JSON.stringify([reading, reading]) },
  { topic: 'neuralsense/rssi/demo/pi5', payload: JSON.stringify({ ...reading, ts: undefined }) },
  { topic: 'neuralsense/sensors/pi5/status', payload: '{"state":"online"}' },
];

/** What each format is tried with: its fixtures. A new format joins with a file of its name. */
const samplesOf = (format: string): ReadonlyArray<Sample> => {
  const file = `test/fixtures/formats/${format === 'theengs' ? 'openmqttgateway' : format}.jsonl`;
  if (!existsSync(file)) return NATIVE;
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  return lines.map((line) => JSON.parse(line));
};

const RUNS = 84_000;
const policy = {
  sensors: new Set(['pi5']),
  storeNames: new Set(['demo']),
};

const hostileTopic = (topics: ReadonlyArray<string>): fc.Arbitrary<string> =>
  fc
    .tuple(fc.constantFrom(...topics), fc.option(fc.constantFrom(...NASTY)), fc.nat())
    .map(([topic, piece, at]) => {
      if (piece === null) return topic;
      const levels = topic.split('/');
      levels[1 + (at % levels.length)] = piece.replace(/[+#\0]/g, '');
      return levels.join('/').slice(0, 65_535);
    });

test.each(FORMAT_NAMES)('%s: any input gives readings or reasons, and leaves nothing', (name) => {
  const samples = samplesOf(name);
  const { decode } = chooseFormats([{ name }], TOPICS);
  const message = fc.record({
    topic: hostileTopic(samples.map(({ topic }) => topic)),
    payload: hostileBytes(samples.map(({ payload }) => payload)),
    receivedAt: fc.constant(1_740_000_100),
    isBacklog: fc.boolean(),
    isRetained: fc.boolean(),
  });
  let [accepted, refused, before, tried] = [0, 0, 0, 0];
  fc.assert(
    fc.property(message, (one) => {
      tried += 1;
      if (tried === 2_000) before = heapInUse();
      for (const result of decode(one)) {
        if (E.isLeft(result)) {
          refused += 1;
          const { reasons, payload } = result.left;
          if (reasons.length === 0 || reasons.some((reason) => reason.trim() === ''))
            throw new Error('no reason');
          if (payload.length > 2_000 || JSON.stringify(result.left).length > 100_000)
            throw new Error('too much is kept of it');
          if (/[\n\r]/.test(JSON.stringify(result.left))) throw new Error('more than one line');
        } else if ('reading' in result.right) {
          accepted += 1;
          if (!Reading.is(result.right.reading)) throw new Error('no reading');
          const against = objections(result.right, policy);
          if (against.some(({ reason }) => reason === '')) throw new Error('no reason');
        }
      }
    }),
    fuzzing(RUNS / FORMAT_NAMES.length),
  );
  expect(heapInUse() - before).toBeLessThan(FLAT_BYTES);
  // It says little where nothing gets through, or everything does.
  expect(accepted).toBeGreaterThan(10);
  expect(refused).toBeGreaterThan(1_000);
  expect('polluted' in {} || 'rssi' in {}).toBe(false);
});
