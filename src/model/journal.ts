import * as t from 'io-ts';
import type { Deliver } from './shapes.ts';
import type { Upload, UploadItem } from './upload.ts';

/** Behind a whole line of a file: the file by a name that outlives its rotation, and bytes. */
export const Place = t.strict({ file: t.string, offset: t.number });
export type Place = t.TypeOf<typeof Place>;

/** How far the saved assignments and dwells were followed. */
export const Mark = t.strict({ assignments: Place, dwells: Place });
export type Mark = t.TypeOf<typeof Mark>;

/** Saved items in the order of their lines; none at the end of the files. */
export interface Page {
  readonly items: ReadonlyArray<UploadItem>;
  readonly upTo: Mark;
  /** Lines that hold no item and were passed over. */
  readonly unreadable: number;
}

/** The files of assignments and dwells as the journal that uploads follow. */
export interface Journal {
  /** Behind everything that was settled when this process began. */
  readonly settled: Mark;
  /** How many lines stood behind that. */
  readonly behind: number;
  /** Its cursor was lost: all that was ever saved for the store is sent again. */
  readonly isLost?: boolean;
  /** At most `maxItems` of what stands behind `after`. */
  readonly read: (after: Mark, maxItems: number) => ReturnType<Deliver<void, Page>>;
  /** Behind the last rows of an upload; what cannot be found behind `after` moves nothing. */
  readonly find: (after: Mark, upload: Upload) => ReturnType<Deliver<void, Mark>>;
  /** Remembers that everything up to a mark is settled, across kills. */
  readonly settle: Deliver<Mark>;
}
