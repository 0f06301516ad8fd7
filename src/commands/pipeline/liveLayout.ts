import { either as E } from 'fp-ts';
import { catchError, defer, ignoreElements, type Observable, of, tap } from 'rxjs';
import type { Layout } from '../../model/layout.ts';
import type { Env } from '../../model/shapes.ts';
import type { Classifier } from '../../positioning/classifier.ts';
import { layouts } from '../../streams/layouts.ts';
import { loadClassifier } from '../classifier.ts';
import { noZonesYet } from '../layout/calibrationFile.ts';
import { layoutAdvice } from '../layout/layoutAdvice.ts';
import type { LayoutSource } from '../layout/layoutSource.ts';
import { Misconfigured } from '../settings.ts';

/** A layout that others hold on to while it changes under them. */
export interface LiveLayout {
  /** Asks the classifier of the layout of the moment; beliefs are handed on to the next one. */
  readonly classifier: Classifier;
  /** The sensors of the moment. */
  readonly sensors: ReadonlySet<string>;
  /** Why nobody is placed, and the next command; undefined where phones are. */
  readonly noZones: () => string | undefined;
  /** Looks for changes while somebody listens; emits nothing. */
  readonly changes$: Observable<never>;
}

const problemsOf = (thrown: unknown): ReadonlyArray<string> =>
  thrown instanceof Misconfigured ? thrown.problems : [String(thrown)];

interface Usable {
  readonly layout: Layout;
  readonly classifier: Classifier;
  readonly advice: ReadonlyArray<string>;
}

const load = (
  layout: Layout,
  calibrationFile: string | undefined,
): Observable<E.Either<ReadonlyArray<string>, Usable>> =>
  defer(async () => {
    const classifier = await loadClassifier(layout, calibrationFile);
    return E.right({ layout, classifier, advice: await layoutAdvice(layout, calibrationFile) });
  }).pipe(catchError((thrown: unknown) => of(E.left(problemsOf(thrown)))));

/** A layout that is looked at again and again: a changed one is in use once it was read twice. */
export const liveLayout = (
  { initial, read, everyMs }: LayoutSource,
  calibrationFile: string | undefined,
  first: Classifier,
  env: Pick<Env, 'scheduler' | 'log'>,
): LiveLayout => {
  let current = first;
  let noZones = noZonesYet(initial, calibrationFile);
  const sensors = new Set(initial.sensors.map(({ sensor_id }) => sensor_id));
  const use = ({ layout, classifier, advice }: Usable): void => {
    current = classifier;
    noZones = noZonesYet(layout, calibrationFile);
    sensors.clear();
    for (const { sensor_id } of layout.sensors) sensors.add(sensor_id);
    for (const problem of advice) env.log({ level: 'warn', event: 'layout questionable', problem });
  };
  const changes$ = layouts(initial, read, (layout) => load(layout, calibrationFile), everyMs, env);
  return {
    classifier: {
      locate: (evidence, belief) => current.locate(evidence, belief),
      get beliefExpiryMs() {
        return current.beliefExpiryMs;
      },
    },
    sensors,
    noZones: () => noZones,
    changes$: changes$.pipe(tap(use), ignoreElements()),
  };
};
