// @ts-check

/**
 * @typedef {object} Packet
 * @property {number} ts Unix seconds
 * @property {Buffer} bytes as captured
 */

const FILE_HEADER = 24;
const PACKET_HEADER = 16;
/** LINKTYPE_IEEE802_11_RADIOTAP */
const RADIOTAP = 127;
/** A longer packet is a sign that we have lost our place in the stream. */
const LONGEST = 262_144;

/** @type {Readonly<Record<string, { littleEndian: boolean, ticks: number }>>} */
const MAGIC = {
  a1b2c3d4: { littleEndian: false, ticks: 1e6 },
  d4c3b2a1: { littleEndian: true, ticks: 1e6 },
  a1b23c4d: { littleEndian: false, ticks: 1e9 },
  '4d3cb2a1': { littleEndian: true, ticks: 1e9 },
};

/**
 * Packets of a capture in libpcap's format, as they arrive. Throws where the stream is none, or is
 * of another link type than radiotap. A last packet that was cut off is left out.
 * https://www.ietf.org/archive/id/draft-ietf-opsawg-pcap-04.html
 *
 * @param {AsyncIterable<Buffer>} chunks
 * @returns {AsyncGenerator<Packet>}
 */
export async function* readPcap(chunks) {
  /** @type {Buffer} */
  let waiting = Buffer.alloc(0);
  /** @type {{ littleEndian: boolean, ticks: number } | undefined} */
  let format;
  /** @param {number} at */
  const word = (at) => (format?.littleEndian ? waiting.readUInt32LE(at) : waiting.readUInt32BE(at));
  for await (const chunk of chunks) {
    waiting = waiting.length === 0 ? chunk : Buffer.concat([waiting, chunk]);
    if (format === undefined) {
      if (waiting.length < FILE_HEADER) continue;
      format = MAGIC[waiting.toString('hex', 0, 4)];
      if (format === undefined) throw new Error('the capture is not in pcap format');
      const linkType = word(20) & 0xffff;
      if (linkType !== RADIOTAP)
        throw new Error(
          `link type ${linkType}, not radiotap (${RADIOTAP}): monitor mode is needed`,
        );
      waiting = waiting.subarray(FILE_HEADER);
    }
    while (waiting.length >= PACKET_HEADER) {
      const length = word(8);
      if (length > LONGEST) throw new Error(`a packet of ${length} bytes: the capture is broken`);
      if (waiting.length < PACKET_HEADER + length) break;
      const bytes = waiting.subarray(PACKET_HEADER, PACKET_HEADER + length);
      yield { ts: word(0) + word(4) / format.ticks, bytes };
      waiting = waiting.subarray(PACKET_HEADER + length);
    }
  }
}
