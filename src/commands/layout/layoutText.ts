import type { Layout } from '../../model/layout.ts';
import type { Expectation } from './layoutMap.ts';

const percent = (share: number): string => `${Math.round(share * 100)} %`.padStart(6);

/** The zone that a phone in this one is mostly given to instead. */
const rival = (row: Float64Array, own: number): number =>
  row.reduce(
    (best, share, zone) => (zone !== own && share > (row[best] ?? -1) ? zone : best),
    own === 0 ? 1 : 0,
  );

/** What can be said of zones of which nobody knows how they are heard. */
const unknownText = ({ zones, sensors }: Layout): string =>
  [
    `\n  ${zones.length} zones, whose borders are known: the map shows them.\n`,
    `  ${sensors.length} sensors: ${sensors.map(({ sensor_id }) => sensor_id).join(', ')}.\n`,
    '  Which zones they tell apart is not known before a survey, or before it is known where they hang.\n',
  ].join('');

/** A row for each zone: how often one window is right, what it is taken for, and who hears it. */
export const expectationText = (
  layout: Layout,
  { confusion, isSurveyed }: Expectation,
  heardBy: ReadonlyArray<number>,
): string => {
  const { zones } = layout;
  if (confusion.length === 0) return unknownText(layout);
  return [
    `\n  One window of 5 s, ${isSurveyed ? 'by the survey' : 'without a survey'}:\n\n`,
    `  zone${' '.repeat(24)}right  mostly taken for            sensors that hear it well\n`,
    ...zones.map(({ zone_id, zone_name }, zone) => {
      const row = confusion[zone] ?? new Float64Array();
      const other = rival(row, zone);
      const taken = `${percent(row[other] ?? 0)} ${zones[other]?.zone_name ?? ''}`;
      return (
        `  ${String(zone_id).padStart(3)}  ${zone_name.slice(0, 20).padEnd(20)}` +
        `${percent(row[zone] ?? 0).padStart(9)}  ${taken.padEnd(30)}${(heardBy[zone] ?? 0).toFixed(1).padStart(6)}\n`
      );
    }),
  ].join('');
};
