import mqtt from 'mqtt';
import { eventually } from '../integration/embedded/eventually.ts';

const STATUS_TOPIC = 'neuralsense/pipeline/demo/status';

/** What the retained status topic of the demo store's pipeline says, as a monitor would see it. */
export const announced = async (brokerUrl: string): Promise<unknown> => {
  const client = await mqtt.connectAsync(brokerUrl, { clientId: 'monitor' });
  const said = new Promise<string>((resolve) => {
    client.once('message', (_topic, payload) => resolve(payload.toString()));
  });
  await client.subscribeAsync(STATUS_TOPIC, { qos: 1 });
  const { state } = JSON.parse(await said);
  await client.endAsync();
  return state;
};

/** From here on the broker keeps for the pipeline what is published. */
export const isOnline = (brokerUrl: string): Promise<unknown> =>
  eventually('the pipeline on its status topic', async () =>
    (await announced(brokerUrl)) === 'online' ? true : undefined,
  );
