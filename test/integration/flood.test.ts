import { either as E } from 'fp-ts';
import { asyncScheduler, from, lastValueFrom, of, tap, toArray } from 'rxjs';
import { policiesOf } from '../../src/commands/settings.ts';
import { readConfig } from '../../src/config.ts';
import type { Heard } from '../../src/model/heard.ts';
import { type Rejected, rejected } from '../../src/model/rejected.ts';
import type { Classifier } from '../../src/positioning/classifier.ts';
import { pipeline } from '../../src/streams/pipeline.ts';
import { heard, reading } from '../support/readings.ts';

const FLOOD = 60_000;
const RATE = 100;
const SENSORS = ['pi1', 'pi2', 'pi3'];
const window = Math.floor(Date.now() / 5_000) * 5;

/** Each time of another phone, so that none is thinned. */
const heardBy = (sensor_id: string, ts: number): E.Either<Rejected, Heard> =>
  E.right(heard(reading(ts, { sensor_id, phone_id: `id:${ts}` })));

/** One sensor floods with readings and another with rubbish; the third says what it hears. */
const sent = Array.from({ length: FLOOD }, (_, index) => [
  heardBy('pi1', window + (index * 4) / FLOOD),
  E.left(rejected({ topic: 'neuralsense/rssi/demo/pi2', receivedAt: window }, ['not JSON'], '{')),
  ...(index % 600 === 0 ? [heardBy('pi3', window + (index * 4) / FLOOD)] : []),
]).flat();

const estimate = { zone_id: 1, runner_up: null, confidence: 1, margin: 1, x: 0, y: 0 };
const nowhere: Classifier = { locate: () => ({ estimate, belief: null }), beliefExpiryMs: 0 };

test('a sensor that floods costs the others nothing, and the disk little', async () => {
  const config = readConfig({ MAX_SENSOR_RATE: String(RATE) });
  if (E.isLeft(config)) throw new Error(config.left.join());
  const layout = {
    zones: [],
    sensors: SENSORS.map((sensor_id) => ({ sensor_id, x: 0, y: 0, z: 2 })),
  };
  const lines = new Map<string, string[]>();
  const reports = await lastValueFrom(
    from(sent).pipe(
      pipeline(
        nowhere,
        policiesOf(config.right, layout, ['demo']),
        {
          append: (file) => (more) =>
            of(undefined).pipe(tap(() => lines.set(file, [...(lines.get(file) ?? []), ...more]))),
          commit: () => of(undefined),
        },
        { scheduler: asyncScheduler, random: Math.random, log: () => undefined },
      ),
      toArray(),
    ),
  );
  const readings = (lines.get('rssi_readings') ?? []).map((line) => JSON.parse(line));
  const countOf = (sensor: string) =>
    readings.filter(({ sensor_id }) => sensor_id === sensor).length;
  expect(countOf('pi3')).toBe(FLOOD / 600);
  expect(countOf('pi1')).toBe(RATE * 5);
  const refused = reports.reduce(
    (sum, report) => sum + (report._tag === 'Journalled' ? report.rejected : 0),
    0,
  );
  expect(refused).toBe(FLOOD - RATE * 5 + FLOOD);
  const kept = (lines.get('rejected_messages') ?? []).map((line) => JSON.parse(line));
  expect(kept).toHaveLength(202);
  expect(kept.at(-1)?.reasons[0]).toMatch(/^\d+ more within 10 s, the first of them: /);
  const counted = kept
    .flatMap(({ reasons }) => /^(\d+) more/.exec(reasons[0])?.[1] ?? [])
    .reduce((sum, more) => sum + Number(more), 200);
  expect(counted).toBe(refused);
}, 60_000);
