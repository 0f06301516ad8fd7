import { writeFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { Command, InvalidArgumentError } from 'commander';
import { fromEvent, merge, ReplaySubject, take } from 'rxjs';
import type { Layout } from '../../model/layout.ts';
import type { Place } from '../../model/stand.ts';
import { surveyHeader } from '../../model/surveyTable.ts';
import { Closers } from '../../production/closers.ts';
import { productionEnv } from '../../production/env.ts';
import { createLog, logEvent } from '../../production/log.ts';
import { openSurveyFile } from '../../production/surveyFile.ts';
import { openTerminal } from '../../production/terminal.ts';
import { readTextFile } from '../../production/textFile.ts';
import { givenLayout, type LayoutOptions } from '../layout/givenLayout.ts';
import { keepInputs } from '../outFile.ts';
import { checkTls, loadConfig, Misconfigured } from '../settings.ts';
import { storeNamesOf } from '../storeNames.ts';
import { findBroker } from './surveyBroker.ts';
import { withOwnCertificate } from './surveyCertificate.ts';
import { openEar } from './surveyEar.ts';
import { askForPhone, recognise } from './surveyedPhone.ts';
import { readPlace } from './surveyPlaces.ts';
import { connected, recordPlace, type SurveySession } from './surveySession.ts';
import { coverageText } from './surveyText.ts';
import { askForPlaces, coverageIn, questions } from './surveyWalk.ts';
import { zoneProgress } from './zoneProgress.ts';

interface SurveyOptions extends LayoutOptions {
  readonly phone?: string;
  readonly zone?: string;
  readonly at?: string;
  readonly height: number;
  readonly seconds?: number;
  readonly out: string;
  readonly map?: string;
}

/** Fires, and has fired, with the first Ctrl-C or SIGTERM, or when nobody answers any more. */
const stopping = () => {
  const stop$ = new ReplaySubject<unknown>(1);
  const signals = merge(fromEvent(process, 'SIGINT'), fromEvent(process, 'SIGTERM')).pipe(take(1));
  const watching = signals.subscribe(() => stop$.next(undefined));
  return { stop$, unwatch: () => watching.unsubscribe() };
};

const placeOf = (layout: Layout, { zone, at, height }: SurveyOptions): Place | undefined => {
  if (zone !== undefined && at !== undefined)
    throw new Misconfigured(['--zone, --at: give one of them']);
  const given = zone ?? at;
  if (given === undefined) return undefined;
  const place = readPlace(layout, given, height);
  if (typeof place === 'string')
    throw new Misconfigured([`${zone === undefined ? '--at' : '--zone'}: ${place}`]);
  return place;
};

const openFile = (layout: Layout, out: string) => {
  try {
    return openSurveyFile(out, surveyHeader(layout.sensors.map(({ sensor_id }) => sensor_id)));
  } catch (problem) {
    throw new Misconfigured([`--out: ${problem instanceof Error ? problem.message : problem}`]);
  }
};

const run = async (options: SurveyOptions): Promise<void> => {
  const map = options.map ?? `${options.out.replace(/\.csv$/i, '')}.svg`;
  keepInputs(map, [options.out, options.zones, options.sensors], '--map');
  const config = withOwnCertificate(loadConfig());
  checkTls(config);
  const layout = await givenLayout(config, options);
  const place = placeOf(layout, options);
  const terminal = openTerminal(process.stderr);
  const input = createInterface({ input: process.stdin, terminal: process.stdin.isTTY });
  const ask = questions(input, terminal);
  const closers = new Closers();
  const { stop$, unwatch } = stopping();
  // On a terminal readline takes Ctrl-C.
  input.on('SIGINT', () => stop$.next(undefined));
  stop$.subscribe(() => input.close());
  try {
    // What is no address is said before anything is opened.
    const known = options.phone && (await recognise(config, options.phone));
    const log = logEvent(
      createLog(config.LOG_LEVEL === 'info' ? 'warn' : config.LOG_LEVEL, terminal.log),
    );
    const env = productionEnv(log);
    const file = openFile(layout, options.out);
    closers.add(async () => file.close());
    const broker = await findBroker(config, layout, log, closers);
    const ear = openEar(config, layout, broker, storeNamesOf(config), env);
    const listening = ear.readings$.subscribe();
    closers.add(async () => listening.unsubscribe());
    if (!(await connected({ ear, terminal, stop$ }))) return;
    terminal.status('');
    terminal.print(
      `\n  Listening at ${broker.url.replace(/\/\/[^/]*@/, '//')}, recording to ${options.out}\n`,
    );
    const { print } = terminal;
    const phone = options.phone ?? (await askForPhone(ear, ask, { print, env, stop$ }));
    if (phone === undefined) throw new Misconfigured(["--phone: give the phone's WiFi address"]);
    const session: SurveySession = {
      ...{ layout, ear, phone, terminal, env, stop$ },
      isPhone: known || (await recognise(config, phone)),
      seconds: options.seconds,
      addLine: file.add,
      progress: zoneProgress(layout, await readTextFile(options.out)),
    };
    if (place === undefined) await askForPlaces(session, options.height, ask);
    else if ((await recordPlace(session, place)) === 0) process.exitCode = 1;
    const coverage = await coverageIn(layout, options.out);
    await writeFile(map, coverage.text);
    terminal.print(coverageText(layout, coverage.zones));
    terminal.print(`  The map: ${map}. Then: npm run calibrate -- --survey ${options.out}\n`);
  } finally {
    unwatch();
    input.close();
    await closers.close();
  }
};

const positive = (text: string): number => {
  const value = Number(text);
  if (!(value > 0 && value <= 86_400)) throw new InvalidArgumentError('Give a number above 0.');
  return value;
};

/** `npm run survey`: what the sensors hear of a phone at known places, for `npm run calibrate`. */
export const surveyCommand = (): Command =>
  new Command('survey')
    .description('Records what the sensors hear of a phone that is held at known places.')
    .option('--phone <address>', "the phone's WiFi address; asked for where it is not given")
    .option('--zone <id>', 'the zone it is in, at its centre; asked for where no place is given')
    .option('--at <x,y>', 'or where it is, metres')
    .option(
      '--seconds <n>',
      'how long to stand at a place (default: until its zone has enough)',
      positive,
    )
    .option('--height <m>', 'how high the phone is held, metres', positive, 1.2)
    .option('--out <file>', 'the survey; appended to where it is there', 'survey.csv')
    .option('--map <file>', 'the map of what is surveyed (default: beside --out, .svg)')
    .option('--zones <file>', 'where the zones are (default: as the pipeline)')
    .option('--sensors <file>', 'where the sensors hang (default: as the pipeline)')
    .addHelpText('after', '\nIt runs beside a pipeline. Ctrl-C: what is recorded stays.')
    .action(run);
