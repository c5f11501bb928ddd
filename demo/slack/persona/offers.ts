import { asObjects, isJson, type Json } from '../json.ts';
import type { StateValue, User } from '../model/types.ts';
import { optionsOf, type Placed } from './element-state.ts';

/** Of one field; more than anybody looks through. */
const KEPT = 500;

// what queries of a person for an external select have brought: only that can be chosen, also after the next query
const offered = new WeakMap<User, Map<string, Map<unknown, Json>>>();
const keyOf = ({ blockId, actionId }: Placed): string => `${blockId} ${actionId}`;

/** Notes what a query has brought. */
export const offer = (user: User, placed: Placed, options: readonly Json[]): void => {
  const own = offered.get(user) ?? new Map<string, Map<unknown, Json>>();
  offered.set(user, own);
  const all = new Map([...(own.get(keyOf(placed)) ?? []), ...options.map((one) => [one.value, one] as const)]);
  own.set(keyOf(placed), new Map([...all].slice(-KEPT)));
};

/** The options that the element offers this person now; those that are chosen already stay. */
export const offeredTo = (user: User, placed: Placed, present: StateValue | undefined): Json[] => {
  if (!placed.type.includes('external_select')) return optionsOf(placed.element);
  const chosen = isJson(present?.selected_option) ? [present.selected_option] : asObjects(present?.selected_options);
  return [...(offered.get(user)?.get(keyOf(placed))?.values() ?? []), ...chosen];
};
