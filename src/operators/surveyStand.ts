import {
  concatMap,
  connect,
  endWith,
  ignoreElements,
  map,
  merge,
  scan,
  takeUntil,
  takeWhile,
  timer,
} from 'rxjs';
import type { Reading } from '../model/reading.ts';
import type { Env, Operator } from '../model/shapes.ts';
import { type Levels, levelsIn, packetsIn, type StandWindow } from '../model/stand.ts';

export interface StandPolicy {
  readonly windows: number;
  readonly spanMs: number;
  /** How long a window waits for readings on their way. */
  readonly graceMs: number;
  /** How often it is told how things go. */
  readonly everyMs: number;
}

export type StandReport =
  | { readonly _tag: 'Window'; readonly window: StandWindow }
  | {
      readonly _tag: 'Standing';
      /** Until the last window ends; 0 while late readings are waited for. */
      readonly leftMs: number;
      /** Since the beginning. */
      readonly heard: Levels;
      /** Windows in which some sensor heard the phone. */
      readonly windows: number;
    };

type Event =
  | { readonly _tag: 'Reading'; readonly reading: Reading }
  | { readonly _tag: 'Tick'; readonly isLast: boolean };

interface Stand {
  readonly readings: ReadonlyArray<Reading>;
  readonly closed: number;
  readonly used: number;
  readonly isOver: boolean;
  readonly said: ReadonlyArray<StandReport>;
}

/** The windows that are over, of those that nobody has been told of; empty ones are none. */
const due = (
  { readings, closed }: Stand,
  { windows, spanMs }: StandPolicy,
  startMs: number,
  untilMs: number,
) => {
  const over = Math.min(Math.floor((untilMs - startMs) / spanMs), windows);
  const from = Array.from({ length: Math.max(over - closed, 0) }, (_, index) => closed + index);
  const found = from
    .map((index) => startMs + index * spanMs)
    .map((t0Ms) => ({ t0: t0Ms / 1000, levels: levelsIn(readings, t0Ms, t0Ms + spanMs) }))
    .filter(({ levels }) => packetsIn(levels) > 0);
  return { over: Math.max(over, closed), found };
};

const tell = (
  stand: Stand,
  policy: StandPolicy,
  startMs: number,
  nowMs: number,
  isLast: boolean,
): Stand => {
  const { over, found } = due(stand, policy, startMs, isLast ? nowMs : nowMs - policy.graceMs);
  const endMs = startMs + policy.windows * policy.spanMs;
  const used = stand.used + found.length;
  return {
    readings: stand.readings,
    closed: over,
    used,
    isOver: isLast || over === policy.windows,
    said: [
      ...found.map((window): StandReport => ({ _tag: 'Window', window })),
      {
        _tag: 'Standing',
        leftMs: Math.max(endMs - nowMs, 0),
        heard: levelsIn(stand.readings, startMs, endMs),
        windows: used,
      },
    ],
  };
};

/**
 * The readings of one phone that stands still, from subscription on, as windows of a survey: mean dBm
 * and count by sensor, those of a window without any left out. A reading counts where its own time
 * puts it. Completes with the last window; when the source completes before, with what was over.
 *
 * @example readings$.pipe(surveyStand({ windows: 12, spanMs: 5_000, graceMs: 2_000, everyMs: 1_000 }, env))
 */
export const surveyStand =
  (policy: StandPolicy, env: Pick<Env, 'scheduler'>): Operator<Reading, StandReport> =>
  (readings$) =>
    readings$.pipe(
      connect((shared$) => {
        const startMs = env.scheduler.now();
        const nothing: Stand = { readings: [], closed: 0, used: 0, isOver: false, said: [] };
        const ended$ = shared$.pipe(ignoreElements(), endWith(undefined));
        const ticks$ = timer(0, policy.everyMs, env.scheduler).pipe(
          map(() => false),
          takeUntil(ended$),
          endWith(true),
        );
        return merge(
          shared$.pipe(map((reading): Event => ({ _tag: 'Reading', reading }))),
          ticks$.pipe(map((isLast): Event => ({ _tag: 'Tick', isLast }))),
        ).pipe(
          scan(
            (stand, event): Stand =>
              event._tag === 'Reading'
                ? { ...stand, readings: [...stand.readings, event.reading], said: [] }
                : tell(stand, policy, startMs, env.scheduler.now(), event.isLast),
            nothing,
          ),
          takeWhile(({ isOver }) => !isOver, true),
          concatMap(({ said }) => said),
        );
      }),
    );
