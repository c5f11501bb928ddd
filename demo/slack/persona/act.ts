import { checkOptionsAnswer } from '../blocks/check-blocks.ts';
import type { Receipt } from '../delivery/deliver.ts';
import { asObjects, isJson, type Json } from '../json.ts';
import type { User } from '../model/types.ts';
import type { World } from '../world.ts';
import { chosenValue, isStateful, optionsOf, type Placed } from './element-state.ts';
import type { FieldValue } from './field-value.ts';
import { fillIn } from './fill-in.ts';
import { offer, offeredTo } from './offers.ts';
import { payloadHead } from './payloads.ts';
import { findElement, type Site, siteOf, type Target } from './targets.ts';

/** How to use an element. */
export interface UseOptions {
  /** The answer in the confirm dialog; must be given where the element has one. */
  confirm?: boolean;
  /** The block, where an action_id or text stands in several. */
  blockId?: string;
  /** What the person has put into other fields meanwhile, by block_id or action_id: it goes along in the state. */
  draft?: Readonly<Record<string, FieldValue>>;
}

/** What a type-ahead query brought. */
export interface TypeaheadResult extends Receipt {
  options: Json[];
  /** The same in groups, where the app gave groups. */
  groups: Json[];
  /** What Slack would hold against the app's answer; then it shows no options. */
  problems: string[];
}

const notSent = (world: World, payload: Json): Receipt => ({
  id: '',
  kind: 'interactive',
  payload,
  sentAt: world.clock.now(),
  outcome: 'not_sent',
});

const sendAction = (world: World, user: User, site: Site, placed: Placed, extra: Json): Promise<Receipt> => {
  const { element, actionId, blockId, type } = placed;
  const action = {
    type,
    action_id: actionId,
    block_id: blockId,
    ...extra,
    ...(isJson(element.placeholder) ? { placeholder: element.placeholder } : {}),
    ...(isJson(element.confirm) ? { confirm: element.confirm } : {}),
    action_ts: world.workspace.nextTs(),
  };
  const { message } = site;
  return world.delivery.send('interactive', {
    ...payloadHead(world, 'block_actions', user),
    ...site.wire,
    trigger_id: world.triggers.issue(user.id),
    ...(message
      ? {
          response_url: world.responseUrls.issue({
            user: user.id,
            channel: message.channel,
            original: message,
            ...(message.threadTs === undefined ? {} : { threadTs: message.threadTs }),
          }),
        }
      : {}),
    actions: [action],
  });
};

/** Answers the confirm dialog, where there is one. Gives false where it was dismissed. */
const confirmed = ({ element, actionId }: Placed, { confirm }: UseOptions): boolean => {
  const asks = isJson(element.confirm);
  if (asks && confirm === undefined) throw new Error(`chat server: ${actionId} asks to confirm; give confirm`);
  if (!asks && confirm !== undefined) throw new Error(`chat server: ${actionId} has no confirm dialog`);
  return confirm !== false;
};

const siteWith = (world: World, target: Target, user: User, draft: UseOptions['draft']): Site => {
  const site = siteOf(world, target, user);
  if (!draft) return site;
  fillIn(user, site, draft);
  // the payload's state must show it
  return siteOf(world, target, user);
};

/** Presses a button, named by action_id or the text on it. */
export const click = async (
  world: World,
  user: User,
  target: Target,
  which: string,
  options: UseOptions = {},
): Promise<Receipt> => {
  const site = siteWith(world, target, user, options.draft);
  const placed = findElement(site, which, options.blockId);
  const { element, type } = placed;
  if (type !== 'button') throw new Error(`chat server: ${which} is a ${type}, not a button`);
  if (!confirmed(placed, options)) return notSent(world, { action_id: placed.actionId });
  return sendAction(world, user, site, placed, {
    text: element.text,
    ...(element.value === undefined ? {} : { value: element.value }),
    ...(element.url === undefined ? {} : { url: element.url }),
    ...(element.style === undefined ? {} : { style: element.style }),
  });
};

/** Chooses in a select, picker, radio, checkbox or overflow menu, or types into an input that dispatches actions. */
export const select = async (
  world: World,
  user: User,
  target: Target,
  which: string,
  value: FieldValue,
  options: UseOptions = {},
): Promise<Receipt> => {
  const site = siteWith(world, target, user, options.draft);
  const placed = findElement(site, which, options.blockId);
  const { element, block, blockId, actionId, type } = placed;
  if (type === 'overflow') {
    const option = optionsOf(element).find(
      (one) => one.value === value || (isJson(one.text) && one.text.text === value),
    );
    if (!option) throw new Error(`chat server: ${which} offers no ${String(value)}`);
    if (!confirmed(placed, options)) return notSent(world, { action_id: actionId });
    return sendAction(world, user, site, placed, { selected_option: option });
  }
  if (!isStateful(type)) throw new Error(`chat server: ${which} is a ${type}; click it`);
  const state = chosenValue(element, value, offeredTo(user, placed, site.values[blockId]?.[actionId]));
  if (!confirmed(placed, options)) return notSent(world, { action_id: actionId });
  site.values[blockId] = { ...site.values[blockId], [actionId]: state };
  world.bus.changed();
  // an input block keeps still unless it says dispatch_action
  if (block.type === 'input' && block.dispatch_action !== true) return notSent(world, { action_id: actionId });
  // the view in the payload must show the new state
  const fresh = siteOf(world, target, user);
  return sendAction(world, user, fresh, placed, state);
};

/** Types into an external select and waits for its options. */
export const typeahead = async (
  world: World,
  user: User,
  target: Target,
  which: string,
  text: string,
  { blockId }: UseOptions = {},
): Promise<TypeaheadResult> => {
  const site = siteOf(world, target, user);
  const placed = findElement(site, which, blockId);
  if (!placed.type.includes('external_select')) throw new Error(`chat server: ${which} has no type-ahead`);
  const least = Number(placed.element.min_query_length ?? 3);
  if (text.length < least) return { ...notSent(world, { value: text }), options: [], groups: [], problems: [] };
  const { state: _state, ...place } = site.wire;
  const receipt = await world.delivery.send('interactive', {
    ...payloadHead(world, 'block_suggestion', user),
    ...place,
    action_id: placed.actionId,
    block_id: placed.blockId,
    value: text,
  });
  const answer = receipt.response;
  const problems = receipt.outcome === 'acked' ? checkOptionsAnswer(answer) : [];
  const good = problems.length === 0 && isJson(answer) ? answer : {};
  const options = optionsOf(good);
  offer(user, placed, options);
  return { ...receipt, options, groups: asObjects(good.option_groups), problems };
};
