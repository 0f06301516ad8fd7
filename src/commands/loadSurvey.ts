import { either as E } from 'fp-ts';
import type { Survey } from '../model/calibration.ts';
import type { Layout } from '../model/layout.ts';
import { readSurvey } from '../model/survey.ts';
import { isZoneVectors, readZoneVectors } from '../model/zoneVectors.ts';
import { nearestZone } from '../positioning/grid.ts';
import { readTextFile } from '../production/textFile.ts';
import { Misconfigured } from './settings.ts';

/** A survey as CSV, or calibrations of zones as JSON lines. @throws Misconfigured */
export const loadSurvey = async (layout: Layout, file: string): Promise<Survey> => {
  const text = await readTextFile(file).catch((problem: Error) => {
    throw new Misconfigured([`--survey: ${problem.message}`]);
  });
  const read = isZoneVectors(text) ? readZoneVectors : readSurvey;
  const survey = read(layout, text, file);
  if (E.isLeft(survey)) throw new Misconfigured(survey.left);
  return survey.right;
};

/** What is to be known of a survey, in words; empty if nothing is. */
export const surveyNotes = (
  { zones }: Layout,
  { points, unheard, notes }: Survey,
): ReadonlyArray<string> => {
  const surveyed = new Set(points.map(({ x, y }) => nearestZone(zones, x, y)));
  const bare = zones.filter((_, zone) => !surveyed.has(zone)).map(({ zone_id }) => zone_id);
  return [
    ...(bare.length === 0
      ? []
      : [
          `no place was surveyed in zone ${bare.join(', ')}: these are known from around them alone`,
        ]),
    ...(unheard.length > 0 ? [`the survey did not hear ${unheard.join(', ')}: left out`] : []),
    ...notes,
  ];
};
