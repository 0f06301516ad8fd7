import { connect, merge } from 'rxjs';
import type { Operator } from '../model/shapes.ts';

/**
 * Gives every item to each branch, in the order of the branches, over one subscription to the
 * source, and merges what the branches emit. Completes when the source and all branches have.
 */
export const fanOut = <A, B>(...branches: ReadonlyArray<Operator<A, B>>): Operator<A, B> =>
  connect((items$) => merge(...branches.map((branch) => items$.pipe(branch))));
