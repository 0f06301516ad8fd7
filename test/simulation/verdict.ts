import { deviations, isPrompt, problemsOf } from './oracle.ts';
import { faultless, scenarioOf } from './scenario.ts';
import { simulate } from './simulate.ts';

export interface Verdict {
  readonly problems: ReadonlyArray<string>;
  /** Its files were compared with those of a run in which nothing goes wrong. */
  readonly isCompared: boolean;
}

/** What is wrong after the scenario of a seed; the files are compared where they must be the same. */
export const verdictOf = async (seed: number): Promise<Verdict> => {
  const scenario = scenarioOf(seed);
  const outcome = await simulate(scenario);
  const problems = problemsOf(outcome);
  if (problems.length > 0 || !isPrompt(outcome)) return { problems, isCompared: false };
  const whole = await simulate(faultless(scenario));
  return { problems: deviations(outcome, whole), isCompared: true };
};
