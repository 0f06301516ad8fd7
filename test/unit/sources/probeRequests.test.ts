import { either as E } from 'fp-ts';
import { readProbeRequests } from '../../../src/sources/probeRequests.ts';

const HEADER =
  'datetime;dst;src;src_vendor;randomized;rssi;idx;seq_num;ch_freq;FCfield;ssid;dot11elt;oui;occupancy';
const probe = (changes: Readonly<Record<string, string>> = {}) => {
  const cells: Record<string, string> = {
    datetime: '2022-10-25 10:58:51.750000',
    dst: 'ff:ff:ff:ff:ff:ff',
    src: '62:34:2D:14:BD:0A',
    randomized: '1',
    rssi: '-85',
    occupancy: '3.0',
    ...changes,
  };
  return HEADER.split(';')
    .map((name) => cells[name] ?? '')
    .join(';');
};
const read = (...lines: ReadonlyArray<string>) => readProbeRequests([HEADER, ...lines].join('\n'));
const AT = Date.parse('2022-10-25T10:58:51.750Z') / 1000;

describe('readProbeRequests', () => {
  it('reads time, address, strength and people', () => {
    expect(read(probe())).toEqual(
      E.right({
        probes: [{ phone_id: '62:34:2d:14:bd:0a', ts: AT, rssi: -85, people: 3 }],
        unusable: 0,
      }),
    );
  });

  it.each([['nan'], ['']])('knows that "%s" people were not counted', (occupancy) => {
    expect(read(probe({ occupancy }))).toEqual(
      E.right({ probes: [{ phone_id: '62:34:2d:14:bd:0a', ts: AT, rssi: -85 }], unusable: 0 }),
    );
  });

  it('puts probes in order and counts what it cannot use', () => {
    const result = read(
      probe({ datetime: '2022-10-25 10:58:52' }),
      probe(),
      probe({ rssi: '' }),
      probe({ src: 'somebody' }),
      probe({ datetime: 'soon' }),
      probe({ ssid: 'a "quoted; name' }),
    );
    expect(result).toMatchObject(
      E.right({ probes: [{ ts: AT }, {}, { ts: AT + 0.25 }], unusable: 3 }),
    );
  });

  it.each([
    ['', 'no column datetime, src, rssi'],
    ['datetime,src\n1,2', 'no column rssi'],
    [`${HEADER}\n${probe({ rssi: 'loud' })}`, 'no usable probe request'],
  ])('refuses %j', (text, reason) => {
    expect(readProbeRequests(text)).toEqual(E.left(reason));
  });

  it('reads commas as well', () => {
    expect(
      readProbeRequests('datetime,src,rssi\n2022-10-25T10:58:51.75Z,62342d14bd0a,-85'),
    ).toEqual(
      E.right({ probes: [{ phone_id: '62:34:2d:14:bd:0a', ts: AT, rssi: -85 }], unusable: 0 }),
    );
  });
});
