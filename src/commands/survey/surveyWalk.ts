import type { Interface } from 'node:readline';
import { either as E } from 'fp-ts';
import type { Layout } from '../../model/layout.ts';
import type { Place } from '../../model/stand.ts';
import { readSurvey } from '../../model/survey.ts';
import { coverageOf, type ZoneCoverage } from '../../positioning/coverage.ts';
import type { Terminal } from '../../production/terminal.ts';
import { readTextFile } from '../../production/textFile.ts';
import { coverageMap } from '../layout/coverageMap.ts';
import { readPlace } from './surveyPlaces.ts';
import { recordPlace, type SurveySession } from './surveySession.ts';
import { nextText } from './surveyText.ts';

/** Lines that a person types, one for each question; undefined when there are no more. */
export const questions = (input: Interface, terminal: Terminal) => {
  const lines = input[Symbol.asyncIterator]();
  return async (question: string): Promise<string | undefined> => {
    terminal.print(question);
    const { value, done } = await lines.next();
    return done === true ? undefined : value.trim();
  };
};
export type Ask = ReturnType<typeof questions>;

/** What the survey's file knows by now, and its map. */
export const coverageIn = async (
  layout: Layout,
  file: string,
): Promise<{ readonly zones: ReadonlyArray<ZoneCoverage>; readonly text: string }> => {
  const text = await readTextFile(file);
  const survey = readSurvey(layout, text, file);
  const points = E.isRight(survey) ? survey.right.points : [];
  const zones = coverageOf(layout, points);
  return { zones, text: coverageMap(layout, zones, points) };
};

/** Place after place, the nearest zone that needs more first, until no answer comes. */
export const askForPlaces = async (
  session: SurveySession,
  height: number,
  ask: Ask,
): Promise<void> => {
  const { layout, progress, terminal } = session;
  let last: Place | undefined;
  for (;;) {
    const [next] = progress.left(last);
    const answer = await ask(nextText(next, progress));
    if (answer === undefined || answer === 'q' || (answer === '' && next === undefined)) return;
    const place = readPlace(layout, answer === '' ? String(next?.zone_id) : answer, height);
    if (typeof place === 'string') terminal.print(`  ${place}\n`);
    else if ((await recordPlace(session, place)) > 0) last = place;
  }
};
