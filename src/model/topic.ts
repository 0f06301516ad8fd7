export const RSSI_TOPIC = 'neuralsense/rssi';

/** Whose readings a topic is for, as far as it says: `<base>[/<store>[/<sensor>]]`. */
export interface TopicClaims {
  readonly store?: string;
  /** What stands behind the store, so a topic that is too deep claims a sensor that cannot be. */
  readonly sensor?: string;
}

export const claimsOfTopic = (topic: string, base = RSSI_TOPIC): TopicClaims => {
  if (!topic.startsWith(`${base}/`)) return {};
  const [store, ...deeper] = topic.slice(base.length + 1).split('/');
  if (store === undefined || store === '') return {};
  return { store, ...(deeper.length > 0 && { sensor: deeper.join('/') }) };
};

/** The filter of a shared subscription, `$share/<group>/<filter>` (MQTT 5.0, 4.8.2), alone; any other as it is. */
export const unshared = (filter: string): string => filter.replace(/^\$share\/[^/]+\//, '');

/**
 * Whether an MQTT topic filter takes a topic: `+` stands for one level, a last `#` for any number of
 * them (MQTT 5.0, 4.7.1).
 */
export const matchesFilter = (filter: string, topic: string): boolean => {
  const wanted = unshared(filter).split('/');
  const levels = topic.split('/');
  const open = wanted.at(-1) === '#' ? wanted.slice(0, -1) : undefined;
  if (open === undefined ? wanted.length !== levels.length : open.length > levels.length)
    return false;
  return (open ?? wanted).every((level, i) => level === '+' || level === levels[i]);
};
