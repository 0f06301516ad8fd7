/** What a monitor interface could have captured. */
export interface Frame {
  /** Unix seconds. */
  readonly ts: number;
  readonly mac: string;
  /** dBm; absent where the radio tells none. */
  readonly rssi?: number;
  /** Management subtype; 4 is a probe request, 8 a beacon. */
  readonly subtype?: number;
  /** Radiotap with everything that may stand before the signal, and a second word of presence. */
  readonly isRich?: boolean;
  readonly hasBadChecksum?: boolean;
  readonly ssid?: string;
}

const uint = (value: number, bytes: 1 | 2 | 4): Buffer => {
  const buffer = Buffer.alloc(bytes);
  buffer.writeUIntLE(value, 0, bytes);
  return buffer;
};
const int8 = (value: number): Buffer => Buffer.from([value & 0xff]);
const address = (mac: string): Buffer => Buffer.from(mac.replaceAll(':', ''), 'hex');

/** https://www.radiotap.org: fields in the order of their bits, each aligned to its own size. */
const radiotap = ({ rssi, isRich = false, hasBadChecksum = false }: Frame): Buffer => {
  const signal = rssi === undefined ? 0 : 1 << 5;
  const flags = int8(hasBadChecksum ? 0x40 : 0);
  const bits = isRich ? 0b1111 : 0b0010;
  const present = isRich
    ? Buffer.concat([uint((0x80000000 | bits | signal) >>> 0, 4), uint(0, 4)])
    : uint(bits | signal, 4);
  const channel = Buffer.concat([uint(2437, 2), uint(0x00a0, 2)]);
  const fields = isRich
    ? // 4 bytes of padding before the 8 of TSFT, which starts at 12.
      Buffer.concat([Buffer.alloc(4), Buffer.alloc(8, 7), flags, int8(2), channel])
    : flags;
  const body = Buffer.concat([present, fields, ...(rssi === undefined ? [] : [int8(rssi)])]);
  return Buffer.concat([uint(0, 1), uint(0, 1), uint(4 + body.length, 2), body]);
};

const management = ({ mac, subtype = 4, ssid = '' }: Frame): Buffer =>
  Buffer.concat([
    uint(subtype << 4, 2),
    uint(0, 2),
    address('ff:ff:ff:ff:ff:ff'),
    address(mac),
    address('ff:ff:ff:ff:ff:ff'),
    uint(0, 2),
    ...(subtype === 8 ? [Buffer.alloc(12)] : []),
    int8(0),
    int8(ssid.length),
    Buffer.from(ssid),
    Buffer.from([1, 4, 0x02, 0x04, 0x0b, 0x16]),
  ]);

export const packetOf = (frame: Frame): Buffer =>
  Buffer.concat([radiotap(frame), management(frame)]);

const record = (frame: Frame): Buffer => {
  const bytes = packetOf(frame);
  const seconds = Math.floor(frame.ts);
  const micros = Math.round((frame.ts - seconds) * 1e6);
  return Buffer.concat([
    uint(seconds, 4),
    uint(micros, 4),
    uint(bytes.length, 4),
    uint(bytes.length, 4),
    bytes,
  ]);
};

/** Packets without the header of a file, to append to one. */
export const pcapRecords = (frames: ReadonlyArray<Frame>): Buffer =>
  Buffer.concat(frames.map(record));

/** A capture file in libpcap's format, little-endian, microseconds, radiotap unless told otherwise. */
export const pcapFile = (frames: ReadonlyArray<Frame>, linkType = 127): Buffer =>
  Buffer.concat([
    uint(0xa1b2c3d4, 4),
    uint(2, 2),
    uint(4, 2),
    uint(0, 4),
    uint(0, 4),
    uint(262_144, 4),
    uint(linkType, 4),
    pcapRecords(frames),
  ]);
