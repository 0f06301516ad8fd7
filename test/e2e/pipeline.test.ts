import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mqtt from 'mqtt';
import { eventually } from '../integration/embedded/eventually.ts';
import { type Ended, type RunningCli, SHIPPED_LAYOUT, startCli } from '../support/cli.ts';
import {
  apiOf,
  embeddedEnv,
  FILLED_TABLES,
  inDatabase,
  PROMISED_QUERIES,
  restRows,
} from '../support/embedded.ts';
import {
  counted,
  type Json,
  jsonLines,
  leaks,
  macWritings,
  SIX_FILES,
} from '../support/outputs.ts';

/** What a newcomer is promised, counted from the start of the process. */
const FIRST_ROWS_WITHIN_MS = 60_000;

const REFUSED_MAC = 'a8:76:50:e9:28:20';
const NO_READINGS = [
  'not JSON',
  JSON.stringify({ sensor_id: 'pi5', phone_id: REFUSED_MAC, rssi: 17 }),
  JSON.stringify({ sensor_id: 'pi99', phone_id: REFUSED_MAC, rssi: -60 }),
];

const ASSIGNMENT_FIELDS =
  'zone_id phone_id ts confidence margin sources vector x y runner_up device_class'.split(' ');

const publishRejects = async (url: string): Promise<void> => {
  const client = await mqtt.connectAsync(url, { clientId: 'broken-sensor' });
  for (const payload of NO_READINGS)
    await client.publishAsync('neuralsense/rssi', payload, { qos: 1 });
  await client.endAsync();
};

const idsOf = (rows: ReadonlyArray<Json>): ReadonlyArray<unknown> => rows.map(({ id }) => id);

/** One newcomer's first half hour, shortened; the cases tell one story, in order. */
describe('npm run pipeline', () => {
  let cwd: string;
  let output: string;
  let startedAt: number;
  let first: RunningCli;
  let firstEnd: Ended;
  let second: RunningCli | undefined;
  let rest: string;
  const kept = new Map<string, ReadonlyArray<Json>>();
  const start = (settings: Record<string, string> = {}) =>
    startCli(cwd, ['pipeline'], { ...SHIPPED_LAYOUT, LOG_LEVEL: 'debug', ...settings });

  beforeAll(() => {
    cwd = mkdtempSync(join(tmpdir(), 'pipeline-'));
    output = join(cwd, 'output');
    startedAt = Date.now();
    first = start();
  });
  afterAll(async () => {
    await first.destroy();
    await second?.destroy();
    rmSync(cwd, { recursive: true, force: true });
  }, 40_000);

  it('says what is embedded and where things are', async () => {
    await first.says(/Ctrl-C stops and drains/);
    const env = embeddedEnv(cwd);
    expect(first.said()).toContain(`${env['MQTT_URL']}  embedded, this machine only`);
    expect(first.said()).toContain(`${env['SUPABASE_URL']}  embedded Postgres`);
    expect(first.said()).toContain('a simulated shop, seen by 8 sensors');
    expect(statSync(join(cwd, '.neuralsense', 'embedded.env')).mode & 0o777).toBe(0o600);
    // Before it has subscribed, the broker keeps nothing for it.
    await first.says(/[1-9]\d* readings\/s/);
    await publishRejects(env['MQTT_URL'] ?? '');
  }, 60_000);

  it('has rows in the database within a minute of its start', async () => {
    const readRows = async () => {
      const rows = await restRows(apiOf(cwd), 'zone_events').catch(() => []);
      return rows.length > 0 ? rows : undefined;
    };
    await eventually('a first row', readRows, startedAt + FIRST_ROWS_WITHIN_MS - Date.now());
    expect(Date.now() - startedAt).toBeLessThan(FIRST_ROWS_WITHIN_MS);
    rest = JSON.stringify(
      await Promise.all(FILLED_TABLES.map((table) => restRows(apiOf(cwd), table))),
    );
  }, 70_000);

  it('refuses a second pipeline on the same files, naming the first', async () => {
    const { code, said } = await start().ended;
    expect(said).toContain(`${output} is in use by process ${first.pid} (pipeline).`);
    expect(said).toContain('use another directory');
    expect(said).not.toContain('    at ');
    expect(code).toBe(1);
  }, 30_000);

  it('refuses a second pipeline on the same database', async () => {
    const { code, said } = await start({ OUTPUT_DIR: 'elsewhere' }).ended;
    const database = join(cwd, '.neuralsense');
    expect(said).toContain(`${database} is in use by process ${first.pid} (embedded Supabase).`);
    expect(code).toBe(1);
  }, 30_000);

  it('drains on Ctrl-C and ends with 0', async () => {
    first.interrupt();
    firstEnd = await first.ended;
    expect(firstEnd.said).toContain('Drained: ');
    expect(firstEnd.code).toBe(0);
  }, 30_000);

  it.each(SIX_FILES)('has left %s, one JSON object a line', (file) => {
    expect(jsonLines(output, file).length).toBeGreaterThan(0);
    expect(statSync(join(output, `${file}.jsonl`)).mode & 0o777).toBe(0o600);
  });

  it('has kept its directories to their owner', () => {
    for (const dir of [output, join(cwd, '.neuralsense')])
      expect(statSync(dir).mode & 0o777).toBe(0o700);
  });

  it('has left a reason for every message that it could not use, and no dead letter', () => {
    const rejected = jsonLines(output, 'rejected_messages');
    expect(rejected).toEqual(
      [/not JSON/, /rssi: must be dBm from −120 to below 0/, /pi99 is not in the sensors file/].map(
        (reason) => ({
          topic: 'neuralsense/rssi',
          reasons: [expect.stringMatching(reason)],
          received_at: expect.any(Number),
          payload: expect.any(String),
        }),
      ),
    );
    expect(jsonLines(output, 'failed_uploads')).toEqual([]);
  });

  it('has counted every accepted reading in exactly one vector', () => {
    const readings = jsonLines(output, 'rssi_readings').length;
    expect(readings).toBeGreaterThan(100);
    expect(counted(output)).toBe(readings);
    expect(jsonLines(output, 'zone_assignments')).toHaveLength(
      jsonLines(output, 'rssi_vectors').length,
    );
  });

  it('has written assignments with the promised names, in the promised order', () => {
    for (const line of jsonLines(output, 'zone_assignments'))
      expect(Object.keys(line)).toEqual(ASSIGNMENT_FIELDS);
  });

  it('has filled every table, one zone event for each assignment', async () => {
    const assignments = jsonLines(output, 'zone_assignments').length;
    const dwells = jsonLines(output, 'dwells').length;
    await inDatabase(cwd, async (query) => {
      for (const table of FILLED_TABLES) {
        const rows = await query(`select * from public.${table}`);
        expect([table, rows.length > 0]).toEqual([table, true]);
        kept.set(table, rows);
      }
      for (const sql of PROMISED_QUERIES) {
        const [answer] = await query(sql);
        expect(answer).toBeDefined();
        expect(Number(answer?.['count'] ?? 1)).toBeGreaterThan(0);
      }
    });
    expect(kept.get('zone_events')).toHaveLength(assignments);
    expect(kept.get('zone_dwells')).toHaveLength(dwells);
    expect(kept.get('raw_imports')).toHaveLength(kept.get('etl_runs')?.length ?? 0);
    expect(kept.get('etl_runs')?.filter(({ status }) => status !== 'completed')).toEqual([]);
  }, 30_000);

  it('has told no MAC address to the database, the API, or the terminal', () => {
    const macs = [...macWritings(output), REFUSED_MAC];
    expect(macs.length).toBeGreaterThan(10);
    expect(leaks(JSON.stringify([...kept]), macs)).toEqual([]);
    expect(leaks(rest, macs)).toEqual([]);
    expect(leaks(firstEnd.said, macs)).toEqual([]);
  });

  it('has told no secret and no hash to the terminal', () => {
    const secrets: unknown = JSON.parse(
      readFileSync(join(cwd, '.neuralsense', 'secrets.json'), 'utf8'),
    );
    const hashes = (kept.get('zone_events') ?? []).map(({ hashed_mac }) => String(hashed_mac));
    expect(hashes).toContainEqual(expect.stringMatching(/^[0-9a-f]{64}$/));
    const secret = [...Object.values(Object(secrets)).map(String), ...hashes];
    expect(leaks(firstEnd.said, secret)).toEqual([]);
  });

  it('keeps everything through a restart and goes on', async () => {
    const before = new Map(SIX_FILES.map((file) => [file, jsonLines(output, file)]));
    second = start({ UPLOAD_INTERVAL_SEC: '2' });
    await second.says(/Ctrl-C stops and drains/);
    const known = idsOf(kept.get('zone_events') ?? []);
    const grown = await eventually(
      'a new row',
      async () => {
        const rows = await restRows(apiOf(cwd), 'zone_events');
        return rows.length > known.length ? rows : undefined;
      },
      30_000,
    );
    expect(idsOf(grown)).toEqual(expect.arrayContaining([...known]));
    second.interrupt();
    expect((await second.ended).code).toBe(0);

    for (const [file, lines] of before)
      expect(jsonLines(output, file).slice(0, lines.length)).toEqual(lines);
    expect(counted(output)).toBe(jsonLines(output, 'rssi_readings').length);
    const [row] = await inDatabase(cwd, (query) =>
      query('select count(*)::int as events from public.zone_events'),
    );
    expect(row).toEqual({ events: jsonLines(output, 'zone_assignments').length });
  }, 90_000);
});
