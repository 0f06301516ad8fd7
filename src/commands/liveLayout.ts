import { either as E } from 'fp-ts';
import { catchError, concatMap, defer, from, ignoreElements, map, type Observable, of } from 'rxjs';
import type { Config } from '../config.ts';
import type { Layout } from '../model/layout.ts';
import type { Env } from '../model/shapes.ts';
import type { Classifier } from '../positioning/classifier.ts';
import { layouts } from '../streams/layouts.ts';
import { loadClassifier } from './classifier.ts';
import { loadLayout, Misconfigured } from './settings.ts';

const LOOK_MS = 5_000;

/** A layout that others hold on to while it changes under them. */
export interface LiveLayout {
  /** Asks the classifier of the layout of the moment; beliefs are handed on to the next one. */
  readonly classifier: Classifier;
  /** The sensors of the moment. */
  readonly sensors: ReadonlySet<string>;
  /** Looks for changes while somebody listens; emits nothing. */
  readonly changes$: Observable<never>;
}

const problemsOf = (thrown: unknown): ReadonlyArray<string> =>
  thrown instanceof Misconfigured ? thrown.problems : [String(thrown)];

/** The files of the layout, read anew every 5 s: a changed one is in use once it was read twice. */
export const liveLayout = (
  config: Config,
  initial: Layout,
  first: Classifier,
  env: Pick<Env, 'scheduler' | 'log'>,
): LiveLayout => {
  let current = first;
  const sensors = new Set(initial.sensors.map(({ sensor_id }) => sensor_id));
  const use = (layout: Layout, classifier: Classifier): void => {
    current = classifier;
    sensors.clear();
    for (const { sensor_id } of layout.sensors) sensors.add(sensor_id);
  };
  const read = defer(() => from(loadLayout(config.ZONES_FILE, config.SENSORS_FILE))).pipe(
    map((layout): E.Either<ReadonlyArray<string>, Layout> => E.right(layout)),
    catchError((thrown: unknown) => of(E.left(problemsOf(thrown)))),
  );
  const change = async (layout: Layout): Promise<void> => {
    try {
      use(layout, await loadClassifier(layout, config.CALIBRATION_FILE));
    } catch (thrown) {
      const problems = problemsOf(thrown).join('; ');
      env.log({ level: 'error', event: 'layout not usable', problems, kept: 'the one before' });
    }
  };
  return {
    classifier: {
      locate: (evidence, belief) => current.locate(evidence, belief),
      get beliefExpiryMs() {
        return current.beliefExpiryMs;
      },
    },
    sensors,
    changes$: layouts(initial, read, LOOK_MS, env).pipe(concatMap(change), ignoreElements()),
  };
};
