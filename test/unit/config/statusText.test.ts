import { NEVER, of } from 'rxjs';
import { type Shop, statusLines } from '../../../src/commands/pipeline/statusText.ts';
import type { RejectionKind } from '../../../src/model/rejected.ts';
import { journalled, type Report } from '../../../src/model/report.ts';
import { statistics } from '../../../src/streams/statistics.ts';
import { emittedBy } from '../../support/marbles.ts';
import { reading } from '../../support/readings.ts';

const CONNECTED = { _tag: 'Connected', sessionPresent: true } as const;
const NOTHING_YET = '  0 readings/s · 0 phones · 0/19 zones · 0 assignments · 0 rows uploaded';

const SHOP = {
  zones: 19,
  held: [],
  sensorsIn: 'sensors.csv',
  topics: ['neuralsense/sensors/+/status', 'neuralsense/rssi', 'neuralsense/rssi/+'],
  mqttUrl: 'mqtt://user:word@10.0.0.5:1884',
  isBrokerEmbedded: false,
};

/** The status lines after these reports, so long after the connection came about. */
const said = (
  reports: ReadonlyArray<Report>,
  change: Partial<Shop> = {},
  nowMs = 5_000,
): ReadonlyArray<string> => {
  let lines: ReadonlyArray<string> = [];
  emittedBy((env) => {
    of(...reports)
      .pipe(statistics(1_000, env))
      .subscribe((latest) => {
        const status = { value: CONNECTED, timestamp: 0 };
        lines = statusLines(latest, status, { ...SHOP, ...change }, nowMs);
      });
    return NEVER;
  });
  return lines;
};

const refused = (count: number, kind: RejectionKind, ...subjects: ReadonlyArray<string>): Report =>
  journalled(
    Array.from({ length: count }, (_, index) => ({
      _tag: 'Unkept',
      cause: { kind, subject: subjects[index % subjects.length] ?? '' },
    })),
  );
const accepted = (count: number): Report =>
  journalled(Array.from({ length: count }, () => ({ _tag: 'Reading', value: reading(1) })));

/** What stands below the counts. */
const concerns = (...given: Parameters<typeof said>): ReadonlyArray<string> =>
  said(...given).slice(1);

it('is one line where there is nothing to look at', () => {
  expect(said([])).toEqual([NOTHING_YET]);
});

it.each([
  ['ENOSPC: no space left on device, write', 'no space left, make room'],
  ['EIO: i/o error, fdatasync', 'the disk fails (EIO), see dmesg'],
  ['EROFS: read-only file system, open', 'the disk is mounted read-only, see dmesg'],
  ["EACCES: permission denied, open 'output/x'", 'not allowed to write, check who owns OUTPUT_DIR'],
  ['something else', 'something else'],
])('a disk that says %s', (problem, shown) => {
  expect(said([{ _tag: 'Saving', problem }])).toEqual([NOTHING_YET, `  NOT SAVING: ${shown}`]);
  expect(said([{ _tag: 'Saving', problem }, { _tag: 'Saving' }])).toEqual([NOTHING_YET]);
});

it('an outage, and a setting that is wrong', () => {
  const retryAt = 0;
  expect(
    said([{ _tag: 'UploadPath', path: { _tag: 'Open', reason: 'HTTP 503', retryAt } }]),
  ).toContain('  uploads wait: HTTP 503');
  expect(
    said([
      {
        _tag: 'UploadPath',
        path: { _tag: 'Parked', reason: 'HTTP 404', advice: 'check SUPABASE_URL', retryAt },
      },
    ]),
  ).toContain('  UPLOADS PARKED: HTTP 404: check SUPABASE_URL');
});

it('what uploads wait for, and the commands that make it, each line within 80 columns', () => {
  const held = [
    { setting: 'INGEST_TOKEN', from: 'npm run token -- create --label shop' },
    { setting: 'PHONE_HASH_SECRET', from: 'npm run secret' },
  ] as const;
  const lines = said([], { held });
  expect(lines).toEqual([
    NOTHING_YET,
    '  uploads held: INGEST_TOKEN, PHONE_HASH_SECRET missing',
    '    npm run token -- create --label shop · npm run secret',
  ]);
  for (const line of lines) expect(line.length).toBeLessThan(80);
});

it.each<[RejectionKind, string, string]>([
  ['unknown_sensor', 'pi14', 'sensor_id pi14 is not in sensors.csv: add it there'],
  ['other_store', 'seoul', 'topic of store seoul: set STORE_NAME so, or narrow MQTT_TOPIC'],
  ['wrong_topic', 'pi14', "pi14 publishes on another sensor's topic: mend its settings"],
  ['clock', 'pi14', 'the clock of pi14 is off: set it, or raise MAX_CLOCK_SKEW_SEC'],
  ['rate', 'pi14', 'pi14 sends too much: look at it, or raise MAX_SENSOR_RATE'],
  ['malformed', 'payload', 'no usable JSON: is MQTT_FORMATS right?; see rejected_messages.jsonl'],
  ['malformed', 'rssi', 'no usable rssi (dBm, from −120 to below 0); see rejected_messages.jsonl'],
  ['malformed', 'colour', 'no usable colour; see rejected_messages.jsonl'],
])('names what %s of %s most is rejected for, and what helps', (kind, subject, text) => {
  const [line = '', ...more] = concerns([refused(1_240, kind, subject)]);
  expect(line).toBe(`  1,240 rejected: ${text}`);
  expect(line.length).toBeLessThan(90);
  expect(more).toEqual([]);
});

it('names the commonest kind, with its commonest subject', () => {
  const reports = [
    refused(3, 'unknown_sensor', 'pi9'),
    refused(4, 'malformed', 'rssi'),
    refused(30, 'unknown_sensor', 'pi14'),
    refused(3, 'unknown_sensor', 'pi15'),
  ];
  expect(concerns(reports)).toEqual([
    '  36 rejected: sensor_id pi14 and others are not in sensors.csv: add them',
  ]);
});

it('counts by kind whatever ids anybody invents', () => {
  const many = Array.from({ length: 10_000 }, (_, index) => `pi${index}`);
  expect(concerns([refused(10_000, 'unknown_sensor', ...many)])).toEqual([
    expect.stringMatching(/^ {2}10,000 rejected: sensor_id \S+ and others are not in sensors.csv/),
  ]);
});

it('is silent while only a few of many are rejected', () => {
  expect(concerns([accepted(80), refused(20, 'clock', 'pi5')])).toEqual([]);
  expect(concerns([accepted(79), refused(21, 'clock', 'pi5')])).toHaveLength(1);
});

it('says when a connection is there and nothing comes, and what may help', () => {
  const nothing = [
    '  connected, but nothing received for 12 s on neuralsense/rssi and 1 more',
    "    on other topics? mosquitto_sub -h 10.0.0.5 -p 1884 -t '#' -v",
  ];
  expect(concerns([], {}, 9_999)).toEqual([]);
  expect(concerns([], {}, 12_000)).toEqual(nothing);
  expect(concerns([], { isBrokerEmbedded: true, topics: ['shop/rssi'] }, 12_000)).toEqual([
    '  connected, but nothing received for 12 s on shop/rssi',
    '    name the broker that the sensors publish to: MQTT_URL=mqtt://…',
  ]);
});

it('leaves a shop that was heard in peace for a minute', () => {
  expect(concerns([accepted(1)], {}, 59_000)).toEqual([]);
  expect(concerns([accepted(1)], {}, 75_000)).toEqual([
    '  nothing received for 75 s: do the sensors run?',
  ]);
});
