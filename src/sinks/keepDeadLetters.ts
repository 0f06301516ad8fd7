import { concat, concatMap, filter, map, type Observable, of } from 'rxjs';
import { isDeadLetter } from '../model/outcome.ts';
import { type Report, saved, uploaded } from '../model/report.ts';
import type { Deliver, Env, Operator } from '../model/shapes.ts';
import { failedUploadsSink } from './failedUploadsSink.ts';
import type { Uploaded } from './sendUpload.ts';

/** Reports what became of each upload; what failed is saved before the next one is looked at. */
export const keepDeadLetters = (
  appendFailed: Deliver<ReadonlyArray<string>>,
  env: Env,
): Operator<Uploaded, Report> =>
  concatMap((outcome): Observable<Report> => {
    const kept$ = of(outcome).pipe(
      filter(isDeadLetter),
      failedUploadsSink(appendFailed, env),
      map(saved),
    );
    return concat(of(uploaded(outcome)), kept$);
  });
