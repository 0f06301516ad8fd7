import { itemsOf, keyOf, type Upload, type UploadItem } from '../model/upload.ts';

/** One of the two streams; its items are numbered as they are offered, and saved in that order. */
interface Stream {
  offered: number;
  /** Number of the newest item that was dropped, and what it is known by. */
  dropped: number;
  droppedKey: string;
  /** All up to this number have been read. */
  read: number;
  /** The newest item that was read: it may be offered only later. */
  lastRead: string;
}

const stream = (): Stream => ({ offered: 0, dropped: 0, droppedKey: '', read: 0, lastRead: '' });

/**
 * Knows whether the files have brought back all that was dropped from memory. While the disk fails
 * rows are offered before they are saved, so the end of the files is not the end of what was dropped.
 */
export const broughtBack = () => {
  const streams = { Assignment: stream(), Dwell: stream() };
  /** Of what waits in memory, and of the newest that was dropped. */
  const numbers = new Map<string, number>();

  const offered = (items: ReadonlyArray<UploadItem>): void => {
    for (const item of items) {
      const of = streams[item._tag];
      const key = keyOf(item);
      of.offered += 1;
      numbers.set(key, of.offered);
      if (key === of.lastRead) of.read = of.offered;
    }
  };
  const sent = (upload: Upload): void => {
    for (const item of itemsOf(upload)) numbers.delete(keyOf(item));
  };
  const dropped = (upload: Upload): void => {
    for (const item of itemsOf(upload)) {
      const of = streams[item._tag];
      numbers.delete(of.droppedKey);
      of.droppedKey = keyOf(item);
      of.dropped = numbers.get(of.droppedKey) ?? of.dropped;
    }
  };
  const read = (items: ReadonlyArray<UploadItem>): void => {
    for (const item of items) {
      const of = streams[item._tag];
      of.lastRead = keyOf(item);
      of.read = Math.max(of.read, numbers.get(of.lastRead) ?? 0);
    }
  };
  const isAll = (): boolean => Object.values(streams).every((of) => of.read >= of.dropped);
  return { offered, sent, dropped, read, isAll };
};
