import fc from 'fast-check';
import { readPcap } from '../../../sensor/pcap.mjs';
import { readProbeRequest } from '../../../sensor/probeRequest.mjs';
import { type Frame, packetOf, pcapFile } from '../../support/pcap.ts';

const MAC = 'a8:76:50:e9:28:20';
const probe: Frame = { ts: 1_740_000_000.25, mac: MAC, rssi: -61 };

/** In pieces, as a pipe delivers it. */
async function* pieces(bytes: Buffer, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
const read = async (bytes: Buffer, size = 65_536) => {
  const packets: Array<{ ts: number; bytes: Buffer }> = [];
  for await (const packet of readPcap(pieces(bytes, size))) packets.push(packet);
  return packets;
};

describe('readProbeRequest', () => {
  it.each([
    ['the plainest header', {}],
    ['everything before the signal, and a second word', { isRich: true }],
    ['a name of a network', { ssid: 'Shop "free"' }],
  ])('reads address and strength behind %s', (_what, change) => {
    expect(readProbeRequest(packetOf({ ...probe, ...change }))).toEqual({ mac: MAC, rssi: -61 });
  });

  const { rssi: _rssi, ...silent } = probe;
  it.each<[string, Frame]>([
    ['a beacon', { ...probe, subtype: 8 }],
    ['a probe response', { ...probe, subtype: 5 }],
    ['no strength', silent],
    ['no strength, said with zero', { ...probe, rssi: 0 }],
    ['no strength, said with the least of a byte', { ...probe, rssi: -128 }],
    ['a wrong checksum', { ...probe, hasBadChecksum: true }],
    ['a wrong checksum behind a timestamp', { ...probe, isRich: true, hasBadChecksum: true }],
    ['an address of a group', { ...probe, mac: 'a9:76:50:e9:28:20' }],
  ])('takes no notice of %s', (_what, frame) => {
    expect(readProbeRequest(packetOf(frame))).toBeUndefined();
  });

  it('takes any bytes without a crash, and a cut packet for none', () => {
    const whole = packetOf({ ...probe, isRich: true });
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        readProbeRequest(Buffer.from(bytes));
      }),
      { numRuns: 2_000 },
    );
    for (let length = 0; length < 40; length++)
      expect(readProbeRequest(whole.subarray(0, length))).toBeUndefined();
  });
});

describe('readPcap', () => {
  it('reads packets in whatever pieces they come', async () => {
    const frames = [probe, { ...probe, ts: 1_740_000_001.5, isRich: true }];
    const file = pcapFile(frames);
    for (const size of [1, 7, 24, 40, 1_000]) {
      const packets = await read(file, size);
      expect(packets.map(({ ts }) => ts)).toEqual(frames.map(({ ts }) => ts));
      expect(packets.map(({ bytes }) => bytes)).toEqual(frames.map(packetOf));
    }
  });

  it('leaves out a last packet that was cut off', async () => {
    const file = pcapFile([probe, probe]);
    expect(await read(file.subarray(0, file.length - 1))).toHaveLength(1);
    expect(await read(file.subarray(0, 10))).toEqual([]);
  });

  it('reads the other byte order, and nanoseconds', async () => {
    const file = pcapFile([probe]);
    for (const at of [0, 20, 24, 28, 32, 36]) file.subarray(at, at + 4).reverse();
    expect((await read(file))[0]?.ts).toBe(probe.ts);
    file.writeUInt32BE(0xa1b23c4d, 0);
    expect((await read(file))[0]?.ts).toBeCloseTo(1_740_000_000 + 250_000e-9, 9);
  });

  it.each([
    ['text', Buffer.from('tcpdump: wlan1: No such device exists'), 'not in pcap format'],
    ['an interface that is not in monitor mode', pcapFile([], 1), 'monitor mode is needed'],
    [
      'an impossible length',
      Buffer.concat([pcapFile([]), Buffer.alloc(16, 0xff)]),
      'the capture is broken',
    ],
  ])('refuses %s', async (_what, bytes, reason) => {
    await expect(read(bytes)).rejects.toThrow(reason);
  });
});
