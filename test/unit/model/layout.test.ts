import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { either as E } from 'fp-ts';
import { placedSensors, readSensors, readZones, type Zone } from '../../../src/model/layout.ts';
import { sensorsTable } from '../../../src/model/layoutTable.ts';

const zone = (zone_id: number, changes: Partial<Zone> = {}): Zone => ({
  zone_id,
  x: 1,
  y: 2,
  zone_name: `Zone ${zone_id}`,
  zone_type: 'display',
  ...changes,
});

describe('readZones', () => {
  it('needs no more than zone_id, x and y', () => {
    expect(readZones('zone_id,x,y\n1,1,2\n2,1,2\n')).toEqual(E.right([zone(1), zone(2)]));
  });

  it('reads name and type, where they are given, from columns in any order', () => {
    const text = 'zone_type,y,zone_name,x,zone_id\nentrance,2,"Door, South",1,1\n,2,,1,2\n';

    expect(readZones(text)).toEqual(
      E.right([zone(1, { zone_name: 'Door, South', zone_type: 'entrance' }), zone(2)]),
    );
  });

  it.each([
    { what: 'a byte-order mark', text: '\uFEFFzone_id,x,y\n1,1,2\n' },
    { what: 'CRLF', text: 'zone_id,x,y\r\n1,1,2\r\n' },
    { what: 'both', text: '\uFEFFzone_id,x,y\r\n1,1,2\r\n' },
    { what: 'no newline at the end', text: 'zone_id,x,y\n1,1,2' },
    { what: 'spaces and empty lines', text: 'zone_id , x, y\n\n 1 , 1 , 2 \n\n' },
    { what: 'semicolons', text: 'zone_id;x;y\r\n1;1;2\r\n' },
    { what: 'semicolons and decimal commas', text: 'zone_id;x;y;zone_name\n1;1,0;2,00;\n' },
    { what: 'tabs', text: 'zone_id\tx\ty\n1\t1\t2\n' },
    { what: 'decimal commas in quotes', text: 'zone_id,x,y\n1,"1,0","2,0"\n' },
    { what: 'further columns', text: 'zone_id,x,y,colour\n1,1,2,red\n' },
  ])('reads a file with $what', ({ text }) => {
    expect(readZones(text)).toEqual(E.right([zone(1)]));
  });

  it('changes no name that looks like a number', () => {
    expect(readZones('zone_id;x;y;zone_name\n1;1;2;3,4\n')).toEqual(
      E.right([zone(1, { zone_name: '3,4' })]),
    );
  });

  it('says what a comma too many wants', () => {
    const read = readZones('zone_id,x,y\n1,1,0,2\n', 'z.csv');
    expect(read).toEqual(
      E.left([expect.stringMatching(/^z\.csv: Invalid Record Length.*quotes .*semicolons/)]),
    );
  });

  it.each([
    { eol: '\n', name: 'LF' },
    { eol: '\r\n', name: 'CRLF' },
  ])('tells all problems at once, each with its line ($name)', ({ eol }) => {
    const rows = ['zone_id,x,y,zone_type', '0,1,2,', '', '2,one,2,', '3,1,,', '4,1,2,kitchen'];

    expect(readZones(rows.join(eol), 'z.csv')).toEqual(
      E.left([
        'z.csv line 2: zone_id: must be a whole number from 1, got "0"',
        'z.csv line 4: x: must be a number of metres within 10 km, got "one"',
        'z.csv line 5: y: must be a number of metres within 10 km, got ""',
        expect.stringMatching(/^z\.csv line 6: zone_type: expected .* got "kitchen"$/),
      ]),
    );
  });

  it('refuses a zone that is there twice, with both lines', () => {
    expect(readZones('zone_id,x,y\n1,1,2\n2,1,2\n1,3,4\n')).toEqual(
      E.left(['zones.csv line 4: 1 is already on line 2']),
    );
  });

  it('names a column that is missing', () => {
    expect(readZones('zone_id,x\n1,1\n')).toEqual(
      E.left(['zones.csv line 2: y: must be a number of metres within 10 km, got missing']),
    );
  });

  it.each([
    { what: 'an empty file', text: '' },
    { what: 'a header alone', text: 'zone_id,x,y\n' },
  ])('refuses $what', ({ text }) => {
    expect(readZones(text)).toEqual(E.left(['zones.csv: holds no rows']));
  });

  it.each([
    { what: 'a row that is too short', text: 'zone_id,x,y\n1,1,2\n2,1\n', says: /line 3/ },
    {
      what: 'a quote that is left open',
      text: 'zone_id,x,y\n1,"1,2\n',
      says: /^zones\.csv: .*quote/i,
    },
  ])('refuses $what, where it is', ({ text, says }) => {
    expect(readZones(text)).toEqual(E.left([expect.stringMatching(says)]));
  });

  it('reads back whatever zones are written', () => {
    const metres = fc.double({ min: -1_000, max: 1_000, noNaN: true }).map((m) => m + 0);
    const zones = fc.uniqueArray(
      fc.record({ zone_id: fc.integer({ min: 1, max: 999_999_999 }), x: metres, y: metres }),
      { selector: ({ zone_id }) => zone_id, minLength: 1 },
    );
    fc.assert(
      fc.property(zones, fc.constantFrom('\n', '\r\n'), (rows, eol) => {
        const text = ['zone_id,x,y', ...rows.map(({ zone_id, x, y }) => `${zone_id},${x},${y}`)];
        expect(readZones(text.join(eol))).toEqual(
          E.right(rows.map(({ zone_id, x, y }) => zone(zone_id, { x, y }))),
        );
      }),
    );
  });

  it('never crashes, whatever the file holds', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(['Left', 'Right']).toContain(readZones(text)._tag);
        expect(['Left', 'Right']).toContain(readZones(`zone_id,x,y\n${text}`)._tag);
      }),
    );
  });
});

describe('readSensors', () => {
  it('hangs a sensor at two metres unless z says otherwise', () => {
    expect(readSensors('sensor_id,x,y,z\npi1,0,1,2.5\npi2,3,4,\n')).toEqual(
      E.right([
        { sensor_id: 'pi1', x: 0, y: 1, z: 2.5 },
        { sensor_id: 'pi2', x: 3, y: 4, z: 2 },
      ]),
    );
    expect(readSensors('sensor_id,x,y\npi1,0,1\n')).toEqual(
      E.right([{ sensor_id: 'pi1', x: 0, y: 1, z: 2 }]),
    );
  });

  it('takes sensors of which nobody knows where they hang, some or all', () => {
    expect(readSensors('sensor_id\npi5\npi7\n')).toEqual(
      E.right([{ sensor_id: 'pi5' }, { sensor_id: 'pi7' }]),
    );
    expect(readSensors('sensor_id,x,y,z,offset_db\npi5,,,2.5,\npi7,,,,3\npi8,1,2,,\n')).toEqual(
      E.right([
        { sensor_id: 'pi5' },
        { sensor_id: 'pi7', offset_db: 3 },
        { sensor_id: 'pi8', x: 1, y: 2, z: 2 },
      ]),
    );
  });

  it('refuses half a place', () => {
    expect(readSensors('sensor_id,x,y\npi5,1,\npi7,,2\n')).toEqual(
      E.left([
        expect.stringMatching(/^sensors\.csv line 2: x and y: give both, or neither/),
        expect.stringMatching(/^sensors\.csv line 3: x and y: give both, or neither/),
      ]),
    );
  });

  it('reads back what it writes, with places and without', () => {
    const sensors = [{ sensor_id: 'pi5' }, { sensor_id: 'pi7', x: 1, y: 2, z: 2, offset_db: -1 }];

    expect(readSensors(sensorsTable(sensors))).toEqual(E.right(sensors));
    expect(placedSensors({ sensors })).toEqual([sensors[1]]);
  });

  it('reads ids in lower case, so that two spellings are one sensor', () => {
    expect(readSensors('sensor_id,x,y\nPI1,0,1\n')).toEqual(
      E.right([{ sensor_id: 'pi1', x: 0, y: 1, z: 2 }]),
    );
    expect(readSensors('sensor_id,x,y\npi1,0,1\nPI1,3,4\n')).toEqual(
      E.left(['sensors.csv line 3: pi1 is already on line 2']),
    );
  });

  it('tells what is wrong, by line', () => {
    expect(
      readSensors('sensor_id,x,y,z\nthe first,0,1,2\npi2,0,1,100\npi3,0,1,2\npi3,0,1,2\n'),
    ).toEqual(
      E.left([
        expect.stringMatching(/^sensors\.csv line 2: sensor_id: must be 1…64/),
        'sensors.csv line 3: z: must be −10…100 m, got "100"',
        'sensors.csv line 5: pi3 is already on line 4',
      ]),
    );
  });
});

describe('the layout that ships', () => {
  const at = (file: string): string =>
    readFileSync(new URL(`../../../${file}`, import.meta.url), 'utf8');

  it('has nineteen zones of every type and eight sensors', () => {
    const zones = readZones(at('zones.csv'));
    const sensors = readSensors(at('sensors.csv'));

    expect(E.Functor.map(zones, (all) => all.length)).toEqual(E.right(19));
    expect(
      E.Functor.map(zones, (all) => [...new Set(all.map((one) => one.zone_type))].sort()),
    ).toEqual(E.right(['aisle', 'checkout', 'display', 'entrance', 'fitting']));
    expect(E.Functor.map(sensors, (all) => all.length)).toEqual(E.right(8));
  });
});
