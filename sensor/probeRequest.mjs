// @ts-check

/**
 * @typedef {object} ProbeRequest
 * @property {string} mac of the phone, `a8:76:50:e9:28:20`
 * @property {number} rssi dBm
 */

/** Size and alignment of radiotap's fields before the signal, by bit. https://www.radiotap.org */
const BEFORE_SIGNAL = [
  { size: 8, align: 8 }, // TSFT
  { size: 1, align: 1 }, // flags
  { size: 1, align: 1 }, // rate
  { size: 4, align: 2 }, // channel
  { size: 2, align: 2 }, // FHSS
];
const SIGNAL_BIT = 5;
const FLAGS_BIT = 1;
const BAD_CHECKSUM = 0x40;
const MORE_WORDS = 0x80000000;

/** Frame control of a probe request: version 0, management, subtype 4. */
const PROBE_REQUEST = 0x40;
const SOURCE_AT = 10;

/**
 * Where radiotap's fields begin that come before the signal, and the signal itself.
 *
 * @param {Buffer} packet
 */
const fieldsAt = (packet) => {
  let at = 8;
  while (at <= packet.length && (packet.readUInt32LE(at - 4) & MORE_WORDS) !== 0) at += 4;
  const present = packet.readUInt32LE(4);
  /** @type {Array<number | undefined>} */
  const places = [];
  for (const [bit, { size, align }] of BEFORE_SIGNAL.entries()) {
    if ((present & (1 << bit)) === 0) {
      places.push(undefined);
      continue;
    }
    at = Math.ceil(at / align) * align;
    places.push(at);
    at += size;
  }
  return { flags: places[FLAGS_BIT], signal: (present & (1 << SIGNAL_BIT)) === 0 ? undefined : at };
};

/**
 * The probe request in a packet with a radiotap header; undefined where it holds none, where the
 * radio tells no strength, where the checksum is wrong, or where a group's address claims to send.
 *
 * @param {Buffer} packet
 * @returns {ProbeRequest | undefined}
 */
export const readProbeRequest = (packet) => {
  try {
    const { flags, signal } = fieldsAt(packet);
    const frame = packet.subarray(packet.readUInt16LE(2));
    if (signal === undefined || frame.readUInt8(0) !== PROBE_REQUEST) return undefined;
    if (flags !== undefined && (packet.readUInt8(flags) & BAD_CHECKSUM) !== 0) return undefined;
    const source = frame.subarray(SOURCE_AT, SOURCE_AT + 6);
    const rssi = packet.readInt8(signal);
    if (source.length < 6 || (source.readUInt8(0) & 1) !== 0 || rssi >= 0 || rssi < -120)
      return undefined;
    return { mac: source.toString('hex').replace(/..(?=.)/g, '$&:'), rssi };
  } catch {
    // Cut off within its headers.
    return undefined;
  }
};
