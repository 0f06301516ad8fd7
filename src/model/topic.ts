const STORE_TOPIC = /^neuralsense\/rssi\/([^/]+)$/;

/** The store named by a topic `neuralsense/rssi/<store>`; undefined where the topic names none. */
export const storeOfTopic = (topic: string): string | undefined => STORE_TOPIC.exec(topic)?.[1];
