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
        unusable: [],
      }),
    );
  });

  it.each([['nan'], ['']])('knows that "%s" people were not counted', (occupancy) => {
    expect(read(probe({ occupancy }))).toEqual(
      E.right({ probes: [{ phone_id: '62:34:2d:14:bd:0a', ts: AT, rssi: -85 }], unusable: [] }),
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
      E.right({
        probes: [{ ts: AT }, {}, { ts: AT + 0.25 }],
        unusable: [
          { reason: 'no strength in rssi', lines: 1, first: 4 },
          {
            reason:
              'src holds no address: record without name resolution, and quote cells with commas',
            lines: 1,
            first: 5,
          },
          { reason: 'no time in datetime', lines: 1, first: 6 },
        ],
      }),
    );
  });

  it.each([
    ['', 'no column datetime, src, rssi; its first line is: '],
    ['datetime,src\n1,2', 'no column rssi; its first line is: datetime,src'],
    [`${HEADER}\n${probe({ rssi: 'loud' })}`, 'no usable probe request; no strength in rssi'],
  ])('refuses %j', (text, reason) => {
    expect(readProbeRequests(text)).toEqual(E.left(reason));
  });

  it('reads commas as well', () => {
    expect(
      readProbeRequests('datetime,src,rssi\n2022-10-25T10:58:51.75Z,62342d14bd0a,-85'),
    ).toEqual(
      E.right({ probes: [{ phone_id: '62:34:2d:14:bd:0a', ts: AT, rssi: -85 }], unusable: [] }),
    );
  });

  it.each([
    ['in quotes', '"datetime","src","rssi"\n"2022-10-25 10:58:51.75","62342d14bd0a","-85"'],
    ['under capitals', 'Datetime,Src,RSSI\n2022-10-25 10:58:51.75,62342d14bd0a,-85'],
    ['with blanks', 'datetime, src, rssi\n2022-10-25 10:58:51.75, 62342d14bd0a, -85'],
    ['between tabs', 'datetime\tsrc\trssi\n2022-10-25 10:58:51.75\t62342d14bd0a\t-85'],
    ['in Unix seconds', `datetime,src,rssi\n${AT},62342d14bd0a,-85`],
    ['in milliseconds', `datetime,src,rssi\n${AT * 1000},62342d14bd0a,-85`],
    ['behind an empty one', '\n\ndatetime,src,rssi\n2022-10-25 10:58:51.75,62342d14bd0a,-85'],
    ['with a short offset', 'datetime,src,rssi\n2022-10-25 11:58:51.75+01,62342d14bd0a,-85'],
    ['with decimal commas', 'datetime;src;rssi\n2022-10-25 10:58:51.75;62342d14bd0a;-85,0'],
    ['of two antennas', 'datetime,src,rssi\n2022-10-25 10:58:51.75,62342d14bd0a,"-91,-85"'],
    [
      'behind a comma in the name of a network',
      'datetime,src,ssid,rssi\n2022-10-25 10:58:51.75,62342d14bd0a,"Cafe, guest",-85',
    ],
    [
      'behind a quote that nobody closed',
      'datetime,src,ssid,rssi\n2022-10-25 10:58:51.75,62342d14bd0a,"Cafe,-85',
    ],
  ])('reads a line %s', (_what, text) => {
    expect(readProbeRequests(text)).toEqual(
      E.right({ probes: [{ phone_id: '62:34:2d:14:bd:0a', ts: AT, rssi: -85 }], unusable: [] }),
    );
  });

  it('counts people from the end where a name behind the strength holds the delimiter', () => {
    expect(read(probe({ ssid: 'one;two;three' }))).toMatchObject(
      E.right({ probes: [{ people: 3 }], unusable: [] }),
    );
  });

  it('takes 0 for no measurement', () => {
    expect(read(probe(), probe({ rssi: '0' }))).toMatchObject(
      E.right({
        probes: [{}],
        unusable: [{ reason: expect.stringMatching(/^an rssi of 0/), lines: 1, first: 3 }],
      }),
    );
  });
});
