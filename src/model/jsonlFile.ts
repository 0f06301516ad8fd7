/** The files of OUTPUT_DIR, by the stream that each one holds; `.jsonl` is appended. */
export type JsonlFile =
  | 'rssi_readings'
  | 'rssi_vectors'
  | 'zone_assignments'
  | 'zone_transitions'
  | 'dwells'
  | 'visits'
  | 'rejected_messages'
  | 'failed_uploads'
  | 'redriven_uploads'
  /** Written by a redrive by hand, which may run beside the pipeline. */
  | 'failed_uploads.redrive'
  | 'redriven_uploads.redrive';
