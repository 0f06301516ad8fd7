/** What is written before its message is acknowledged. */
export type JournalFile = 'rssi_readings' | 'rejected_messages';

/** What follows from the readings: it can be derived again from them. */
export const OUTPUT_FILES = [
  'rssi_vectors',
  'zone_assignments',
  'zone_transitions',
  'dwells',
  'visits',
  'infrastructure',
] as const;
export type OutputFile = (typeof OUTPUT_FILES)[number];

/** All that has a name of its own in OUTPUT_DIR. */
export const JSONL_FILES: ReadonlyArray<JsonlFile> = [
  'rssi_readings',
  'rejected_messages',
  ...OUTPUT_FILES,
  'failed_uploads',
  'redriven_uploads',
  'failed_uploads.redrive',
  'redriven_uploads.redrive',
  'failed_uploads.import',
];

/** The files of OUTPUT_DIR, by the stream that each one holds; `.jsonl` is appended. */
export type JsonlFile =
  | JournalFile
  | OutputFile
  | 'failed_uploads'
  | 'redriven_uploads'
  /** Written by a redrive by hand, which may run beside the pipeline. */
  | 'failed_uploads.redrive'
  | 'redriven_uploads.redrive'
  /** Written by an import, which may run beside the pipeline. */
  | 'failed_uploads.import';
