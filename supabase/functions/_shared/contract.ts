/**
 * The ingest contract: what the pipeline's upload sink sends and what the Edge Function accepts.
 * Both sides import this one file, so neither can drift from the other.
 */
import * as t from 'io-ts';
import { explain, refine } from './codec.ts';

/** Grows by one when an old receiver could misread a new sender. */
export const SCHEMA_VERSION = 1;

/** What the function takes at most in one request. */
export const LIMITS = {
  bodyBytes: 262_144,
  readings: 500,
  dwells: 500,
  sensors: 64,
  zones: 500,
} as const;

/** The header in which a store's gateway proves which store it may write to. */
export const INGEST_TOKEN_HEADER = 'x-ingest-token';

const finite = (value: number): boolean => Number.isFinite(value);

const ISO_8601 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?(Z|[+-]\d{2}:\d{2})$/;
/** A clock that says anything else is not set; one that is not set begins in 1970. */
const [EARLIEST, LATEST] = [Date.UTC(1970), Date.UTC(2100)];
const isInstant = (text: string): boolean => {
  const at = ISO_8601.test(text) ? Date.parse(text) : Number.NaN;
  return at >= EARLIEST && at < LATEST;
};

export const Timestamp = refine(
  'Timestamp',
  t.string,
  isInstant,
  'must be an ISO 8601 instant of the years 1970 to 2099',
);

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
export const Uuid = refine(
  'Uuid',
  t.string,
  (text) => UUID.test(text),
  'must be a lower-case uuid',
);

/** HMAC-SHA-256 of a MAC address, 64 hexadecimal digits. */
export const HashedMac = refine(
  'HashedMac',
  t.string,
  (text) => /^[0-9a-f]{64}$/.test(text),
  'must be 64 hexadecimal digits',
);

/** Received signal strength, dBm. Of 0 and above there is none: radio stacks say so that they have no measurement. */
export const Rssi = refine(
  'Rssi',
  t.number,
  (dbm) => dbm >= -120 && dbm < 0,
  'must be dBm from −120 to below 0',
);

/** Letters and digits of any script; a letter may carry marks, as composed Hangul and accents do. */
export const SensorId = refine(
  'SensorId',
  t.string,
  (text) => /^[\p{L}\p{M}\p{N}_.:-]{1,64}$/u.test(text),
  'must be 1…64 letters, digits or . : _ -',
);

/** Sensor → dBm, at least one and at most {@link LIMITS}.sensors sensors. */
export const RssiReadings = refine(
  'RssiReadings',
  t.record(SensorId, Rssi),
  (readings) => {
    const sensors = Object.keys(readings).length;
    return sensors >= 1 && sensors <= LIMITS.sensors;
  },
  `must hold 1…${LIMITS.sensors} sensors`,
);

const Metres = refine(
  'Metres',
  t.number,
  (m) => Math.abs(m) <= 10_000,
  'must be metres within 10 km',
);
const Probability = refine('Probability', t.number, (p) => p >= 0 && p <= 1, 'must be 0…1');
const Seconds = refine('Seconds', t.number, (s) => finite(s) && s >= 0, 'must be seconds from 0');

/**
 * Kind of address × behaviour so far. A `burst` was heard once or for a moment, a `resident` for
 * hours: staff, tills, the shop's own devices. Of an address that came hashed the kind is `unknown`.
 */
export const DeviceClass = t.keyof(
  {
    fixed_burst: null,
    fixed_visitor: null,
    fixed_resident: null,
    randomised_burst: null,
    randomised_visitor: null,
    randomised_resident: null,
    unknown_burst: null,
    unknown_visitor: null,
    unknown_resident: null,
  },
  'DeviceClass',
);
export type DeviceClass = t.TypeOf<typeof DeviceClass>;

/**
 * Metres on the floor plan, and how likely the zone is: a probability. Left out by whoever has none
 * to give; a score of another kind is no probability.
 */
const EstimatedPosition = t.exact(
  t.intersection([t.type({ x: Metres, y: Metres }), t.partial({ confidence: Probability })]),
);

/** One zone assignment: a visitor was in a zone at an instant. Without a class it is a visitor's. */
export const UploadReading = t.exact(
  t.intersection([
    t.type({
      timestamp: Timestamp,
      hashed_mac: HashedMac,
      zone_id: Uuid,
      rssi_readings: RssiReadings,
      estimated_position: EstimatedPosition,
    }),
    t.partial({ device_class: DeviceClass }),
  ]),
  'UploadReading',
);
export type UploadReading = t.TypeOf<typeof UploadReading>;

const EndingDwell = refine(
  'UploadDwell',
  t.strict({
    hashed_mac: HashedMac,
    zone_id: Uuid,
    enter_timestamp: Timestamp,
    exit_timestamp: Timestamp,
    dwell_seconds: Seconds,
  }),
  (dwell) => Date.parse(dwell.exit_timestamp) >= Date.parse(dwell.enter_timestamp),
  'must not end before it begins',
);

/** One stay of a visitor in a zone. Its length is that of its interval; a second is for rounding. */
export const UploadDwell = refine(
  'UploadDwell',
  EndingDwell,
  ({ enter_timestamp, exit_timestamp, dwell_seconds }) => {
    const seconds = (Date.parse(exit_timestamp) - Date.parse(enter_timestamp)) / 1000;
    return Math.abs(dwell_seconds - seconds) <= 1;
  },
  'must last as long as from its enter to its exit',
);
export type UploadDwell = t.TypeOf<typeof UploadDwell>;

const atMost = <A, O>(max: number, codec: t.Type<ReadonlyArray<A>, O>) =>
  refine(codec.name, codec, (items) => items.length <= max, `must hold at most ${max}`);

const batchOf = <R, D>(reading: t.Type<R>, dwell: t.Type<D>) =>
  refine(
    'UploadBatch',
    t.strict({
      schema_version: t.literal(SCHEMA_VERSION),
      batch_id: Uuid,
      store_id: Uuid,
      org_id: Uuid,
      readings: atMost(LIMITS.readings, t.readonlyArray(reading)),
      dwells: atMost(LIMITS.dwells, t.readonlyArray(dwell)),
    }),
    (batch) => batch.readings.length + batch.dwells.length > 0,
    'must hold at least one reading or dwell',
  );

/** One upload. `batch_id` is made once and kept through every retry and dead letter. */
export const UploadBatch = batchOf(UploadReading, UploadDwell);
export type UploadBatch = t.TypeOf<typeof UploadBatch>;

/** What is wrong here is wrong with the whole upload; what is wrong with a row costs that row. */
export const UploadEnvelope = batchOf(t.unknown, t.unknown);
export type UploadEnvelope = t.TypeOf<typeof UploadEnvelope>;

/**
 * A batch row by row: what the contract does not know as a reading or a dwell becomes null, in its
 * place, which the database refuses as `invalid_row` under its index.
 */
export const admitRows = (batch: UploadEnvelope) => {
  const orNull =
    <A>(codec: t.Decoder<unknown, A>) =>
    (row: unknown): A | null => {
      const decoded = codec.decode(row);
      return decoded._tag === 'Right' ? decoded.right : null;
    };
  return {
    ...batch,
    readings: batch.readings.map(orNull(UploadReading)),
    dwells: batch.dwells.map(orNull(UploadDwell)),
  };
};

const REASON_CHARACTERS = 300;

/** What the contract holds against a row of `batch`; undefined where it is as it should be. */
export const rowReason = (
  { readings, dwells }: UploadEnvelope,
  { list, index }: Pick<RowRejection, 'list' | 'index'>,
): string | undefined => {
  const decoded =
    list === 'readings' ? UploadReading.decode(readings[index]) : UploadDwell.decode(dwells[index]);
  return decoded._tag === 'Left'
    ? explain(decoded.left).join('; ').slice(0, REASON_CHARACTERS)
    : undefined;
};

const Count = refine(
  'Count',
  t.number,
  (n) => Number.isInteger(n) && n >= 0 && n <= 1_000_000,
  'must be a whole number from 0',
);
const ZoneCode = refine(
  'ZoneCode',
  t.string,
  // Postgres stores neither NUL nor half of a surrogate pair.
  (text) => /^[^\p{Cc}\p{Cs}]{1,64}$/u.test(text),
  'must be 1…64 characters, none of them a control character',
);

/** Where the function takes a {@link LiveOccupancy}: below its own path. */
export const LIVE_PATH = '/live';

/**
 * How many phones a gateway counts in each zone at an instant, and how many came and went since the
 * count before. Numbers only: it says nothing about any one phone.
 */
export const LiveOccupancy = t.strict(
  {
    schema_version: t.literal(SCHEMA_VERSION),
    store_id: Uuid,
    at: Timestamp,
    entries: Count,
    exits: Count,
    zones: atMost(
      LIMITS.zones,
      t.readonlyArray(t.strict({ zone_code: ZoneCode, visitors: Count })),
    ),
  },
  'LiveOccupancy',
);
export type LiveOccupancy = t.TypeOf<typeof LiveOccupancy>;

/** The answer: how long a phone counts after it was heard last, as the store has it set. */
export const LiveReceipt = t.strict({ live_window_seconds: t.number });
export type LiveReceipt = t.TypeOf<typeof LiveReceipt>;

/**
 * Why one row of an accepted batch was left out; `index` counts within its own list. `reason` says
 * what the contract holds against the row, where it does.
 */
export const RowRejection = t.intersection([
  t.strict({
    list: t.union([t.literal('readings'), t.literal('dwells')]),
    index: t.number,
    code: t.string,
  }),
  t.partial({ reason: t.string }),
]);
export type RowRejection = t.TypeOf<typeof RowRejection>;

/** The answer to an accepted batch. A repeated batch gets the first answer and `duplicate: true`. */
export const IngestResult = t.strict({
  batch_id: Uuid,
  run_id: Uuid,
  duplicate: t.boolean,
  counts: t.strict({
    readings: t.number,
    dwells: t.number,
    zone_events: t.number,
    visits: t.number,
    visit_zone_events: t.number,
    funnel_events: t.number,
    rejected: t.number,
  }),
  rejections: t.readonlyArray(RowRejection),
});
export type IngestResult = t.TypeOf<typeof IngestResult>;

/** Metres on the floor plan; what zones_dim leaves open is left out. */
const DirectoryZone = t.exact(
  t.intersection([
    t.type({ zone_code: t.string, zone_id: Uuid }),
    t.partial({ zone_name: t.string, zone_type: t.string, x: t.number, y: t.number }),
  ]),
);

/** `sensor_code` is the `sensor_id` of its readings, `z` metres above the floor. */
const DirectorySensor = t.exact(
  t.intersection([
    t.type({ sensor_code: t.string }),
    t.partial({ x: t.number, y: t.number, z: t.number, offset_db: t.number }),
  ]),
);

/**
 * The answer to GET: which uuid stands for which zone number in the token's store, where its zones
 * are and its sensors hang. A function of before sensors were kept gives none.
 */
export const ZoneDirectory = t.exact(
  t.intersection([
    t.type({ store_id: Uuid, zones: t.readonlyArray(DirectoryZone) }),
    t.partial({ sensors: t.readonlyArray(DirectorySensor) }),
  ]),
  'ZoneDirectory',
);
export type ZoneDirectory = t.TypeOf<typeof ZoneDirectory>;

export type ErrorCode =
  | 'invalid_json'
  | 'unauthorized'
  | 'method_not_allowed'
  | 'batch_conflict'
  | 'too_large'
  | 'validation_failed'
  | 'ingest_failed'
  | 'db_unavailable';

/** Every refusal looks like this; `retryable` alone decides whether sending again can help. */
export const ErrorEnvelope = t.strict({
  error: t.intersection([
    t.strict({
      code: t.string,
      message: t.string,
      retryable: t.boolean,
      request_id: t.string,
    }),
    t.partial({ details: t.unknown }),
  ]),
});
export type ErrorEnvelope = t.TypeOf<typeof ErrorEnvelope>;
