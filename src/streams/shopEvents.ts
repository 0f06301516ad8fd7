import { filter, map, pipe } from 'rxjs';
import type { Assignment } from '../model/assignment.ts';
import type { MovementPolicy } from '../model/policies.ts';
import type { Env, Operator } from '../model/shapes.ts';
import { isShopEvent, type ShopEvent } from '../model/shopEvent.ts';
import { fanOut } from '../operators/fanOut.ts';
import { trackMovement } from '../operators/trackMovement.ts';

/** Every assignment, and behind it the transitions, dwells and visits that it began or ended. */
export const shopEvents = (
  policy: MovementPolicy,
  env: Pick<Env, 'scheduler'>,
): Operator<Assignment, ShopEvent> =>
  fanOut<Assignment, ShopEvent>(
    map((value) => ({ _tag: 'Assignment', value })),
    trackMovement(policy, env),
  );

/** The values of one kind of shop event. */
export const only = (tag: ShopEvent['_tag']): Operator<ShopEvent, ShopEvent['value']> =>
  pipe(
    filter(isShopEvent(tag)),
    map(({ value }) => value),
  );
