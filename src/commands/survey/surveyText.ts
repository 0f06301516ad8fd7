import type { Layout, Zone } from '../../model/layout.ts';
import type { Reading } from '../../model/reading.ts';
import { type Levels, type Place, packetsIn } from '../../model/stand.ts';
import type { StandReport } from '../../operators/surveyStand.ts';
import type { ZoneCoverage } from '../../positioning/coverage.ts';
import type { Around } from './surveyEar.ts';
import type { ZoneProgress } from './zoneProgress.ts';

const ids = (layout: Layout): ReadonlyArray<string> =>
  layout.sensors.map(({ sensor_id }) => sensor_id);

export const placeText = ({ zones }: Layout, place: Place): string => {
  if (!('zone_id' in place)) return `x ${place.x} m, y ${place.y} m`;
  const name = zones.find(({ zone_id }) => zone_id === place.zone_id)?.zone_name;
  return `zone ${place.zone_id} (${name})`;
};

const levelText = (heard: Levels, id: string): string => {
  const level = heard[id];
  return level === undefined ? `${id} –` : `${id} ${level.count}× ${level.dbm.toFixed(0)}`;
};

/** `  43 s left · 7 windows · 96 packets · pi1 12× -58 · pi2 – …` (mean dBm); kept to one line. */
export const standingText = (
  layout: Layout,
  { leftMs, heard, windows }: Extract<StandReport, { _tag: 'Standing' }>,
): string =>
  [
    `  ${String(Math.ceil(leftMs / 1000)).padStart(3)} s left`,
    `${windows} windows`,
    `${packetsIn(heard)} packets`,
    ...ids(layout).map((id) => levelText(heard, id)),
  ].join(' · ');

export const loudestOf = ({ loudest: phones }: Around, most: number): ReadonlyArray<Reading> =>
  [...phones.values()].sort((a, b) => b.rssi - a.rssi).slice(0, most);

const loudest = (around: Around): string =>
  loudestOf(around, 3)
    .map(({ phone_id, sensor_id, rssi }) => `${phone_id} (${rssi} dBm at ${sensor_id})`)
    .join(', ');

/** Why a phone may not be heard, by what else is. */
export const unheardText = (phone: string, seconds: number, around: Around): string => {
  const { phones, rejected, reasons } = around;
  const sensors = [...phones.keys()].sort().join(', ');
  const hints =
    phones.size > 0
      ? [
          `the sensors work: ${sensors} hear others. Is this the phone's address, now? Phones change it:`,
          '  switch that off for one WiFi network and join it, or survey with a device that keeps its own',
          'is its WiFi on, and its screen? A phone that sleeps sends once in minutes',
          `the loudest just now: ${loudest(around)}`,
        ]
      : [
          'no sensor is heard at all: do they run, and publish to this broker on this topic?',
          ...(rejected > 0
            ? [`${rejected} messages were refused, the last one for: ${reasons.join('; ')}`]
            : ['MQTT_URL, MQTT_TOPIC and MQTT_FORMATS must be those of the pipeline']),
        ];
  return [
    `\n  ! nothing heard of ${phone} for ${seconds} s\n`,
    ...hints.map((hint) => `    ${hint}\n`),
  ].join('');
};

/** What came of one place. */
export const stoodText = (layout: Layout, windows: number, heard: Levels): string => {
  const deaf = ids(layout).filter((id) => heard[id] === undefined);
  const said = [
    `${windows} windows`,
    `${packetsIn(heard)} packets`,
    ...(deaf.length > 0 && windows > 0 ? [`not heard by ${deaf.join(', ')}`] : []),
  ];
  return `  ${windows > 0 ? '✓' : '✗'} ${said.join(' · ')}\n`;
};

/** Whether a zone has enough by now, and by what. */
export const enoughText = (
  layout: Layout,
  { zone, steadiness }: ReturnType<ZoneProgress['at']>,
): string => {
  const { windows, steady, isEnough } = steadiness;
  const why = `${windows} windows, ${steady.length} of ${layout.sensors.length} sensors steady`;
  return isEnough
    ? `  ✓ zone ${zone.zone_id} has enough: ${why}\n`
    : `  · zone ${zone.zone_id} has not enough yet: ${why}\n`;
};

const minutes = (seconds: number): string =>
  seconds < 90 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;

/** Where to go next, what is left, and for how long at least. */
export const nextText = (next: Zone | undefined, progress: ZoneProgress): string => {
  const left = progress.left();
  const others = 'another zone, or x,y in metres; q: done';
  if (next === undefined) return `\n  Every zone has enough. Enter: done (${others})? `;
  const ids = left.map(({ zone_id }) => zone_id).join(', ');
  return (
    `\n  ${left.length} zones need more (${ids}): ${minutes(progress.secondsLeft())} of standing.` +
    `\n  Next: zone ${next.zone_id} (${next.zone_name}). Stand there, then press Enter (${others})? `
  );
};

/** The loudest phones of the moment, to be chosen by number. */
export const phonesText = (phones: ReadonlyArray<Reading>): string =>
  phones.length === 0
    ? '\n  No phone is heard just now.\n'
    : [
        '\n  The loudest phones just now (hold yours to a sensor, and it is the first):\n',
        ...phones.map(
          ({ phone_id, sensor_id, rssi }, index) =>
            `   ${index + 1}  ${phone_id}  ${rssi} dBm at ${sensor_id}\n`,
        ),
      ].join('');

const named = ({ zone_id, zone_name }: Zone): string =>
  `${String(zone_id).padStart(3)}  ${zone_name.slice(0, 22).padEnd(22)}`;

/** A row for each zone: windows, places, and by which sensors the phone was heard there. */
export const coverageText = (layout: Layout, coverage: ReadonlyArray<ZoneCoverage>): string => {
  const all = ids(layout);
  const widths = all.map((id) => Math.max(id.length, 3));
  const cell = (text: string, column: number): string => text.padStart(widths[column] ?? 3);
  const row = ({ zone, windows, places, heard }: ZoneCoverage): string =>
    [
      `  ${named(zone)}${String(windows).padStart(8)}${String(places).padStart(8)}  `,
      ...all.map((id, column) => {
        const dbm = heard.get(id);
        return cell(dbm === undefined ? (places > 0 ? '–' : '') : dbm.toFixed(0), column);
      }),
    ].join(' ');
  const head = `  zone${' '.repeat(24)}windows  places   ${all.map(cell).join(' ')}`;
  const bare = coverage.filter(({ windows }) => windows === 0);
  return [
    `\n${head}\n`,
    ...coverage.map((one) => `${row(one)}\n`),
    bare.length === 0
      ? '\n  Every zone is surveyed.\n'
      : `\n  ${coverage.length - bare.length} of ${coverage.length} zones are surveyed; not yet: ` +
        `${bare.map(({ zone }) => zone.zone_id).join(', ')}\n`,
  ].join('');
};
