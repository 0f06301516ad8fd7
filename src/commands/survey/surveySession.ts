import {
  filter,
  lastValueFrom,
  type Observable,
  skipWhile,
  take,
  takeUntil,
  takeWhile,
  tap,
  timer,
} from 'rxjs';
import type { Layout } from '../../model/layout.ts';
import type { Env } from '../../model/shapes.ts';
import type { Levels, Place } from '../../model/stand.ts';
import { ENOUGH_WINDOWS } from '../../model/steadiness.ts';
import { surveyLine } from '../../model/surveyTable.ts';
import { type StandReport, surveyStand } from '../../operators/surveyStand.ts';
import type { Terminal } from '../../production/terminal.ts';
import type { Ear } from './surveyEar.ts';
import { enoughText, placeText, standingText, stoodText, unheardText } from './surveyText.ts';
import type { ZoneProgress } from './zoneProgress.ts';

const SPAN_MS = 5_000;
const GRACE_MS = 2_000;
const EVERY_MS = 1_000;
/** Where it is not said how long to stand, not for longer than this. */
const MOST_S = 180;
/** After so long a silence of the phone it is said what to check. */
const PATIENCE_MS = 10_000;

export interface SurveySession {
  readonly layout: Layout;
  readonly ear: Ear;
  /** As it was given. */
  readonly phone: string;
  readonly isPhone: (phoneId: string) => boolean;
  /**
   * How long to stand at a place; undefined: until its zone has enough, or where it has, for a minute
   * more; at most three.
   */
  readonly seconds: number | undefined;
  readonly progress: ZoneProgress;
  readonly addLine: (line: string) => void;
  readonly terminal: Pick<Terminal, 'print' | 'status'>;
  readonly env: Env;
  readonly stop$: Observable<unknown>;
}

/** Says once what to check, if the phone is not heard for a while; emits nothing that matters. */
const warn = ({ ear, phone, isPhone, terminal, env, stop$ }: SurveySession) =>
  timer(PATIENCE_MS, env.scheduler)
    .pipe(
      take(1),
      takeUntil(ear.readings$.pipe(filter(({ phone_id }) => isPhone(phone_id)))),
      takeUntil(stop$),
    )
    .subscribe(() => terminal.print(unheardText(phone, PATIENCE_MS / 1000, ear.around())));

/** Records one place; resolves with how many windows the phone was heard in. */
export const recordPlace = async (session: SurveySession, place: Place): Promise<number> => {
  const { layout, ear, isPhone, seconds, progress, addLine, terminal, env, stop$ } = session;
  const ids = layout.sensors.map(({ sensor_id }) => sensor_id);
  const windows = Math.max(Math.round(((seconds ?? MOST_S) * 1000) / SPAN_MS), 1);
  const howLong = seconds === undefined ? 'until it has enough' : `${(windows * SPAN_MS) / 1000} s`;
  terminal.print(`\n  Recording ${placeText(layout, place)}: ${howLong}\n`);
  ear.forget();
  const warning = warn(session);
  // A zone that has enough already gets as much again here: another place of it.
  const hasEnough = progress.at(place).steadiness.isEnough;
  let recorded = 0;
  const isDone = (): boolean =>
    seconds === undefined &&
    (hasEnough ? recorded >= ENOUGH_WINDOWS : progress.at(place).steadiness.isEnough);
  const report = (said: StandReport): void => {
    if (said._tag === 'Window') {
      recorded += 1;
      addLine(surveyLine(place, said.window, ids));
      progress.add(place, said.window.levels);
    } else terminal.status(standingText(layout, said));
  };
  const last = await lastValueFrom(
    ear.readings$.pipe(
      filter(({ phone_id }) => isPhone(phone_id)),
      takeUntil(stop$),
      surveyStand({ windows, spanMs: SPAN_MS, graceMs: GRACE_MS, everyMs: EVERY_MS }, env),
      tap(report),
      takeWhile(({ _tag }) => _tag === 'Window' || !isDone(), true),
      filter(({ _tag }) => _tag === 'Standing'),
    ),
    { defaultValue: undefined },
  );
  warning.unsubscribe();
  const stood = last?._tag === 'Standing' ? last : { windows: 0, heard: {} as Levels };
  terminal.status('');
  terminal.print(stoodText(layout, stood.windows, stood.heard));
  terminal.print(enoughText(layout, progress.at(place)));
  return stood.windows;
};

/** Resolves with true when the broker lets us listen, with false when it is stopped before. */
export const connected = ({
  ear,
  terminal,
  stop$,
}: Pick<SurveySession, 'ear' | 'terminal' | 'stop$'>): Promise<boolean> =>
  lastValueFrom(
    ear.status$.pipe(
      tap((status) => {
        if (status._tag === 'Waiting')
          terminal.status(`  waiting for the broker (${status.reason})`);
      }),
      skipWhile(({ _tag }) => _tag !== 'Connected'),
      take(1),
      takeUntil(stop$),
    ),
    { defaultValue: undefined },
  ).then((status) => status !== undefined);
