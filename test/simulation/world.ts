import { createHash } from 'node:crypto';
import { type Random, seededRandom } from '../../src/embedded/shop/random.ts';
import { type FakeBroker, fakeBroker, type Held } from './fakeBroker.ts';
import { type FakeDisk, fakeDisk } from './fakeDisk.ts';
import { type FakeSupabase, fakeSupabase } from './fakeSupabase.ts';
import type { Episode, Meddling, Scenario, Trouble } from './scenario.ts';
import { type VirtualTime, virtualTime } from './virtualTime.ts';

export const TOPIC = 'neuralsense/rssi/demo';

/** All that outlives a process. */
export interface World {
  readonly time: VirtualTime;
  readonly random: Random;
  readonly disk: FakeDisk;
  readonly broker: FakeBroker;
  readonly supabase: FakeSupabase;
  /** When the broker heard of each message that it is safe, Unix ms; the first time. */
  readonly acknowledgedAt: ReadonlyMap<string, number>;
}

const isOneOf = (every: number) => (row: string) =>
  every > 0 && createHash('md5').update(row).digest().readUInt32BE() % every === 0;

const begin = ({ disk, broker, supabase }: World, trouble: Trouble): void => {
  switch (trouble._tag) {
    case 'Disk':
      disk.behave(trouble.fault);
      break;
    case 'Uploads':
      supabase.behave(trouble.faults);
      break;
    case 'Cut':
      broker.cut(trouble.unnoticedMs);
      break;
    case 'NoBroker':
      broker.listen(false);
      break;
    case 'Forgotten':
      broker.forget(trouble.acknowledgements);
      break;
  }
};

const end = ({ disk, broker, supabase }: World, { _tag }: Trouble): void => {
  if (_tag === 'Disk') disk.behave(undefined);
  if (_tag === 'Uploads') supabase.behave([]);
  if (_tag === 'NoBroker') broker.listen(true);
};

const plan = (world: World, { fromMs, forMs, trouble }: Episode): void => {
  world.time.after(fromMs, () => begin(world, trouble));
  world.time.after(fromMs + forMs, () => end(world, trouble));
};

const meddle = ({ disk }: World, { nth, stream, text }: Meddling): void => {
  const names = [...disk.texts().keys()].filter((name) => name.endsWith('.jsonl')).sort();
  disk.meddle((nth !== undefined && names[nth % names.length]) || `${stream}.jsonl`, text);
};

/** A world in which what the scenario says will happen. */
export const worldOf = (scenario: Scenario): World => {
  const random = seededRandom(scenario.seed).fork();
  const time = virtualTime(scenario.startMs);
  const acknowledgedAt = new Map<string, number>();
  const acknowledged = ({ payload }: Held): void => {
    if (!acknowledgedAt.has(payload)) acknowledgedAt.set(payload, time.now());
  };
  const world: World = {
    time,
    random,
    disk: fakeDisk(time, random.fork()),
    broker: fakeBroker(time, scenario.mostUnderWay, acknowledged),
    supabase: fakeSupabase(
      time,
      random.fork(),
      isOneOf(scenario.poisonEvery),
      scenario.spoilsBatch,
    ),
    acknowledgedAt,
  };
  for (const { atMs, what } of scenario.published)
    time.after(atMs, () =>
      world.broker.publish({
        topic: TOPIC,
        payload: typeof what === 'string' ? what : JSON.stringify(what),
      }),
    );
  for (const episode of scenario.episodes) plan(world, episode);
  for (const one of scenario.meddling)
    if (one.atMs === 0) meddle(world, one);
    else time.after(one.atMs, () => meddle(world, one));
  return world;
};
