import type { StateValue, User } from '../model/types.ts';
import { chosenValue, type Placed, placedElements } from './element-state.ts';
import type { FieldValue } from './field-value.ts';
import { offeredTo } from './offers.ts';
import type { Site } from './targets.ts';

const stateOf = (user: User, site: Pick<Site, 'values'>, placed: Placed, value: FieldValue): StateValue =>
  chosenValue(placed.element, value, offeredTo(user, placed, site.values[placed.blockId]?.[placed.actionId]));

/** Puts a value into one field. Throws where the element doesn't offer it. */
export const fillField = (user: User, site: Pick<Site, 'values'>, placed: Placed, value: FieldValue): void => {
  const { blockId, actionId } = placed;
  site.values[blockId] = { ...site.values[blockId], [actionId]: stateOf(user, site, placed, value) };
};

/** Puts in what a person has typed and chosen so far, by block_id or action_id. */
export const fillIn = (
  user: User,
  site: Pick<Site, 'values' | 'blocks'>,
  draft: Readonly<Record<string, FieldValue>>,
): void => {
  const fields = placedElements(site.blocks);
  for (const [key, value] of Object.entries(draft)) {
    const placed = fields.find((one) => one.blockId === key) ?? fields.find((one) => one.actionId === key);
    // the blocks may have changed under the person's hands: what no longer fits stays behind, as in Slack's client
    if (placed && fits(user, site, placed, value)) fillField(user, site, placed, value);
  }
};

const fits = (user: User, site: Pick<Site, 'values'>, placed: Placed, value: FieldValue): boolean => {
  try {
    stateOf(user, site, placed, value);
    return true;
  } catch {
    return false;
  }
};
