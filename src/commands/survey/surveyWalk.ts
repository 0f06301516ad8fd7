import { readFile } from 'node:fs/promises';
import type { Interface } from 'node:readline';
import { either as E } from 'fp-ts';
import type { Layout } from '../../model/layout.ts';
import { readSurvey } from '../../model/survey.ts';
import { coverageOf, type ZoneCoverage } from '../../positioning/coverage.ts';
import type { Terminal } from '../../production/terminal.ts';
import { coverageMap } from '../layout/coverageMap.ts';
import { readPlace } from './surveyPlaces.ts';
import { recordPlace, type SurveySession } from './surveySession.ts';

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
  const text = await readFile(file, 'utf8');
  const survey = readSurvey(layout, text, file);
  const points = E.isRight(survey) ? survey.right.points : [];
  const zones = coverageOf(layout, points);
  return { zones, text: coverageMap(layout, zones, points) };
};

/** The zone that is known least, in the layout's order. */
const nextZone = (coverage: ReadonlyArray<ZoneCoverage>): number =>
  coverage.reduce((least, one) => (one.windows < least.windows ? one : least)).zone.zone_id;

/** Place after place, until no answer comes. */
export const askForPlaces = async (
  session: SurveySession,
  { out, height }: { readonly out: string; readonly height: number },
  ask: Ask,
): Promise<void> => {
  for (;;) {
    const next = nextZone((await coverageIn(session.layout, out)).zones);
    const answer = await ask(`\n  Zone, or x,y in metres (Enter: zone ${next}; q: done)? `);
    if (answer === undefined || answer === 'q') return;
    const place = readPlace(session.layout, answer === '' ? String(next) : answer, height);
    if (typeof place === 'string') {
      session.terminal.print(`  ${place}\n`);
      continue;
    }
    if ((await ask('  Stand there with the phone, then press Enter. ')) === undefined) return;
    await recordPlace(session, place);
  }
};
