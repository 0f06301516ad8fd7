const STORE_TOPIC = /^neuralsense\/rssi\/([^/]+)$/;

/** The store named by a topic `neuralsense/rssi/<store>`; undefined where the topic names none. */
export const storeOfTopic = (topic: string): string | undefined => STORE_TOPIC.exec(topic)?.[1];

/**
 * Whether an MQTT topic filter takes a topic: `+` stands for one level, a last `#` for any number of
 * them (MQTT 5.0, 4.7.1).
 */
export const matchesFilter = (filter: string, topic: string): boolean => {
  const wanted = filter.split('/');
  const levels = topic.split('/');
  const open = wanted.at(-1) === '#' ? wanted.slice(0, -1) : undefined;
  if (open === undefined ? wanted.length !== levels.length : open.length > levels.length)
    return false;
  return (open ?? wanted).every((level, i) => level === '+' || level === levels[i]);
};
