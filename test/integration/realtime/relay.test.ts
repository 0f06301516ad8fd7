import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RealtimeChannel, SupabaseClient } from '@supabase/supabase-js';
import { SignJWT } from 'jose';
import { loadSecrets } from '../../../src/embedded/secrets.ts';
import { type SupabaseStack, startSupabaseStack } from '../../../src/embedded/supabaseStack.ts';
import {
  INGEST_TOKEN_HEADER,
  SCHEMA_VERSION,
  ZoneDirectory,
} from '../../../supabase/functions/_shared/contract.ts';
import { layDatabase } from '../../support/emptyDatabase.ts';
import { addUser, connect, signIn } from '../../support/signIn.ts';
import { eventually } from '../embedded/eventually.ts';

const FUNCTION = 'process-neuralsense-data';
/** Seconds: long enough to join on a busy machine. */
const SOON = 4;
const PRIVATE = { broadcast: { ack: true }, private: true };

interface Heard {
  readonly channel: RealtimeChannel;
  /** SUBSCRIBED, CLOSED, CHANNEL_ERROR, and why. */
  readonly statuses: string[];
  readonly reasons: string[];
  readonly events: Array<{ event: string; payload: Record<string, unknown> }>;
}

/** Joins with the socket's token; without one as the dashboard does, with the session's of now. */
const listen = async (
  client: SupabaseClient,
  topic: string,
  { config = PRIVATE, token }: { config?: object; token?: string } = {},
) => {
  await client.realtime.setAuth(token);
  const heard: Heard = {
    channel: client.channel(topic, { config } as never),
    statuses: [],
    reasons: [],
    events: [],
  };
  heard.channel
    .on('broadcast', { event: '*' }, ({ event, payload }) => heard.events.push({ event, payload }))
    .subscribe((status, error) => {
      heard.statuses.push(status);
      if (error) heard.reasons.push(error.message);
    });
  return heard;
};

const reaches = (heard: Heard, status: string, times = 1) =>
  eventually(`${status}, after ${heard.statuses}`, async () =>
    heard.statuses.filter((each) => each === status).length >= times ? true : undefined,
  );

/** One cold boot for all; the cases tell one story, in order. */
describe('realtime of the embedded stack', () => {
  let dataDir: string;
  let stack: SupabaseStack;
  let jwtSecret: string;
  let topic: string;
  let demo: SupabaseClient;
  const open: SupabaseClient[] = [];
  const keep = (client: SupabaseClient) => {
    open.push(client);
    return client;
  };

  const ingest = async (): Promise<string> => {
    const batch_id = randomUUID();
    const headers = { [INGEST_TOKEN_HEADER]: stack.ingestToken };
    const url = `${stack.url}/functions/v1/${FUNCTION}`;
    const directory: unknown = await (await fetch(url, { headers })).json();
    const [zone] = ZoneDirectory.is(directory) ? directory.zones : [];
    const reading = {
      timestamp: new Date().toISOString(),
      hashed_mac: 'ab'.repeat(32),
      zone_id: zone?.zone_id,
      rssi_readings: { pi1: -60 },
      estimated_position: { x: 1, y: 1, confidence: 0.9 },
    };
    const { storeId: store_id, orgId: org_id } = stack;
    const body = { schema_version: SCHEMA_VERSION, batch_id, store_id, org_id };
    const answer = await fetch(url, {
      method: 'POST',
      headers,
      body: JSON.stringify({ ...body, readings: [reading], dwells: [] }),
    });
    expect(answer.status).toBe(200);
    return batch_id;
  };
  const hears = (heard: Heard, batch_id: string) =>
    eventually(`batch ${batch_id}`, async () =>
      heard.events.some(({ payload }) => payload['batch_id'] === batch_id) ? true : undefined,
    );
  /** A session of the demo user that ends soon. */
  const tokenFor = async (seconds: number): Promise<string> => {
    const { data } = await demo.auth.getUser();
    return new SignJWT({ role: 'authenticated', sub: data.user?.id ?? '' })
      .setProtectedHeader({ alg: 'HS256' })
      .setExpirationTime(Math.floor(Date.now() / 1000) + seconds)
      .sign(new TextEncoder().encode(jwtSecret));
  };
  const newClient = () => keep(connect(stack, stack.publishableKey));

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'realtime-'));
    await layDatabase(dataDir);
    stack = await startSupabaseStack({ dataDir, port: 0 });
    jwtSecret = (await loadSecrets(dataDir)).jwtSecret;
    topic = `store:${stack.storeId}:live`;
    demo = keep(await signIn(stack, stack.demoUser));
  }, 60_000);
  afterAll(async () => {
    await Promise.all(open.map((client) => client.removeAllChannels()));
    await Promise.all(open.map(({ realtime }) => realtime.disconnect()));
    await stack?.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  it('tells a member of each batch that was stored', async () => {
    const heard = await listen(demo, topic);
    await reaches(heard, 'SUBSCRIBED');
    const batch_id = await ingest();
    await hears(heard, batch_id);
    expect(heard.events).toEqual([
      {
        event: 'batch_ingested',
        payload: expect.objectContaining({ store_id: stack.storeId, batch_id }),
      },
    ]);
    await demo.removeChannel(heard.channel);
  });

  it('refuses who is no member, who is nobody, and what is no store', async () => {
    const stranger = keep(await signIn(stack, await addUser(stack, [])));
    const anyone = keep(connect(stack, stack.publishableKey));
    const refused = [
      await listen(stranger, topic),
      await listen(anyone, topic),
      await listen(demo, `store:${randomUUID()}:live`),
      await listen(demo, 'gossip'),
      await listen(demo, topic, { config: { private: false } }),
    ];
    for (const heard of refused) await reaches(heard, 'CHANNEL_ERROR');
    const reasons = refused.map(({ reasons: [first] }) => first);
    expect(reasons.slice(0, 4)).toEqual(Array(4).fill(expect.stringContaining('Unauthorized')));
    expect(reasons[4]).toContain('PrivateOnly');
    await Promise.all([demo, stranger, anyone].map((client) => client.removeAllChannels()));
  });

  it('lets no client speak', async () => {
    const other = keep(await signIn(stack, stack.demoUser));
    const [speaker, listener] = [await listen(demo, topic), await listen(other, topic)];
    await Promise.all([reaches(speaker, 'SUBSCRIBED'), reaches(listener, 'SUBSCRIBED')]);
    const said = { type: 'broadcast' as const, event: 'occupancy', payload: { visitors: 999 } };
    expect(await speaker.channel.send(said)).toBe('error');
    await hears(listener, await ingest());
    expect(listener.events.map(({ event }) => event)).toEqual(['batch_ingested']);
    await Promise.all([demo.removeAllChannels(), other.removeAllChannels()]);
  });

  it('tells nothing any more to who has left', async () => {
    const other = keep(await signIn(stack, stack.demoUser));
    const [stays, leaves] = [await listen(demo, topic), await listen(other, topic)];
    await Promise.all([reaches(stays, 'SUBSCRIBED'), reaches(leaves, 'SUBSCRIBED')]);
    expect(await leaves.channel.unsubscribe()).toBe('ok');
    await hears(stays, await ingest());
    expect(leaves.events).toEqual([]);
    await demo.removeAllChannels();
  });

  it('tells nothing any more to whose membership has ended, and closes the channel', async () => {
    const member = await addUser(stack, [stack.orgId]);
    const other = keep(await signIn(stack, member));
    const [stays, removed] = [await listen(demo, topic), await listen(other, topic)];
    await Promise.all([reaches(stays, 'SUBSCRIBED'), reaches(removed, 'SUBSCRIBED')]);
    const { data } = await other.auth.getUser();
    const admin = connect(stack, stack.secretKey);
    await admin
      .from('org_members')
      .delete()
      .match({ user_id: data.user?.id ?? '' });
    await hears(stays, await ingest());
    await reaches(removed, 'CLOSED');
    expect(removed.events).toEqual([]);
    await Promise.all([demo.removeAllChannels(), other.removeAllChannels()]);
  });

  it('closes a channel when its token expires, and takes no expired or forged one', async () => {
    const [expiring, late, forging] = [newClient(), newClient(), newClient()];
    const heard = await listen(expiring, topic, { token: await tokenFor(SOON) });
    await reaches(heard, 'SUBSCRIBED');
    await reaches(heard, 'CLOSED');
    const refused = [
      await listen(late, topic, { token: await tokenFor(-1) }),
      await listen(forging, topic, { token: `${await tokenFor(60)}x` }),
    ];
    for (const each of refused) await reaches(each, 'CHANNEL_ERROR');
    expect(refused.map(({ reasons: [first] }) => first)).toEqual([
      expect.stringContaining('Token has expired'),
      expect.stringContaining('Token is not valid'),
    ]);
    await Promise.all([expiring, late, forging].map((each) => each.removeAllChannels()));
  });

  it('keeps a channel whose token is renewed, unless its user may not listen any more', async () => {
    const [renewing, expiring] = [newClient(), newClient()];
    const kept = await listen(renewing, topic, { token: await tokenFor(SOON) });
    const lost = await listen(expiring, topic, { token: await tokenFor(SOON) });
    await Promise.all([reaches(kept, 'SUBSCRIBED'), reaches(lost, 'SUBSCRIBED')]);
    await renewing.realtime.setAuth(await tokenFor(60));
    await reaches(lost, 'CLOSED');
    await hears(kept, await ingest());

    const admin = connect(stack, stack.secretKey);
    const { data } = await demo.auth.getUser();
    const membership = { org_id: stack.orgId, user_id: data.user?.id ?? '' };
    await admin.from('org_members').delete().match(membership);
    await renewing.realtime.setAuth(await tokenFor(90));
    await reaches(kept, 'CLOSED');
    await admin.from('org_members').insert(membership);
    await Promise.all([renewing, expiring].map((each) => each.removeAllChannels()));
  });

  it('has its clients back by themselves after a restart', async () => {
    const heard = await listen(demo, topic);
    await reaches(heard, 'SUBSCRIBED');
    const { port } = new URL(stack.url);
    await stack.close();
    await reaches(heard, 'CHANNEL_ERROR');
    stack = await startSupabaseStack({ dataDir, port: Number(port) });
    await reaches(heard, 'SUBSCRIBED', 2);
    await hears(heard, await ingest());
  }, 60_000);
});
