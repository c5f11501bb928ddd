import { SlackError } from '../api/method.ts';
import { checkedView } from '../api/views.ts';
import type { Receipt } from '../delivery/deliver.ts';
import { asText, isJson, type Json } from '../json.ts';
import type { User, View } from '../model/types.ts';
import { viewWire } from '../model/wire.ts';
import type { World } from '../world.ts';
import { filledIn, type Placed, placedElements } from './element-state.ts';
import type { FieldValue } from './field-value.ts';
import { fillField } from './fill-in.ts';
import { payloadHead } from './payloads.ts';
import { currentView } from './targets.ts';

/** What came of pressing a modal's submit button. */
export interface SubmitResult extends Receipt {
  /** Errors under fields, by block_id: the app's, or the client's own where nothing was sent. */
  errors: Record<string, string>;
  /** The view that shows now; undefined where none is left. */
  view?: View;
  /** What Slack would hold against the app's answer; the user sees "We had some trouble connecting". */
  problem?: string;
}

/** Finds a field by block_id, action_id or label. */
const fieldOf = (placed: readonly Placed[], key: string): Placed => {
  const label = ({ block }: Placed): string | undefined => (isJson(block.label) ? asText(block.label.text) : undefined);
  const found = placed.find((one) => one.blockId === key || one.actionId === key || label(one) === key);
  if (found) return found;
  const there = placed.map((one) => `${one.blockId}/${one.actionId} (${label(one) ?? one.type})`).join(', ');
  throw new Error(`chat server: no field ${key}. There are: ${there}`);
};

const clientError = ({ block, element }: Placed, value: unknown): string | undefined => {
  if (value === null || value === undefined)
    return block.optional === true ? undefined : 'Please complete this required field.';
  if (typeof value !== 'string') return undefined;
  const { min_length, max_length, min_value, max_value, type } = element;
  if (typeof min_length === 'number' && value.length < min_length) return `Must be at least ${min_length} characters.`;
  if (typeof max_length === 'number' && value.length > max_length) return `Must be at most ${max_length} characters.`;
  if (type === 'number_input') {
    if (!/^-?\d+(\.\d+)?$/.test(value)) return 'Please enter a number.';
    if (element.is_decimal_allowed !== true && value.includes('.')) return 'Please enter a whole number.';
    if (min_value !== undefined && Number(value) < Number(min_value)) return `Must be at least ${String(min_value)}.`;
    if (max_value !== undefined && Number(value) > Number(max_value)) return `Must be at most ${String(max_value)}.`;
  }
  return undefined;
};

const clientErrors = (view: View): Record<string, string> =>
  Object.fromEntries(
    placedElements(view.blocks)
      .filter(({ block }) => block.type === 'input')
      .flatMap((placed) => {
        const state = view.values[placed.blockId]?.[placed.actionId];
        const error = clientError(placed, state ? filledIn(state) : null);
        return error === undefined ? [] : [[placed.blockId, error]];
      }),
  );

const applyErrors = (view: View, answer: Json): string | undefined => {
  if (!isJson(answer.errors)) return 'errors must be an object of block_id and text';
  const inputs = view.blocks.filter((block) => block.type === 'input').map((block) => block.block_id);
  const stray = Object.keys(answer.errors).find((blockId) => !inputs.includes(blockId));
  if (stray !== undefined) return `errors names ${stray}, which is no input block of the view`;
  view.errors = Object.fromEntries(Object.entries(answer.errors).map(([blockId, text]) => [blockId, String(text)]));
  return undefined;
};

/** Does what the ack of a view_submission says; gives what is wrong with it. */
const applyAnswer = (world: World, user: User, view: View, answer: Json): string | undefined => {
  const { views } = world;
  const action = answer.response_action;
  if (action === undefined) {
    // the app may have updated the stack meanwhile; only the submitted view closes
    if (views.stack(user.id).at(-1)?.id === view.id) views.pop(user.id);
    return undefined;
  }
  if (action === 'clear') {
    views.clear(user.id);
    return undefined;
  }
  if (action === 'errors') return applyErrors(view, answer);
  if (action !== 'update' && action !== 'push') return `unknown response_action ${String(action)}`;
  if (!isJson(answer.view)) return `response_action ${action} without a view`;
  try {
    const source = checkedView(world, answer.view, 'modal', action === 'update' ? view : undefined);
    if (action === 'update') views.update(view, source);
    else if (!views.push(user.id, source)) return 'push_limit_reached';
    return undefined;
  } catch (cause) {
    if (cause instanceof SlackError) return `${cause.code} ${JSON.stringify(cause.more)}`;
    throw cause;
  }
};

/** Fills fields in (by block_id, action_id or label) and presses submit. */
export const submit = async (
  world: World,
  user: User,
  target: { id: string },
  values: Readonly<Record<string, FieldValue>> = {},
): Promise<SubmitResult> => {
  const view = currentView(world, target, user);
  if (view.type !== 'modal') throw new Error('chat server: a Home tab has nothing to submit');
  const placed = placedElements(view.blocks);
  for (const [key, value] of Object.entries(values)) {
    fillField(user, view, fieldOf(placed, key), value);
  }
  view.errors = clientErrors(view);
  world.bus.changed();
  if (Object.keys(view.errors).length > 0) {
    return {
      id: '',
      kind: 'interactive',
      payload: {},
      sentAt: world.clock.now(),
      outcome: 'not_sent',
      errors: view.errors,
      view,
    };
  }
  const receipt = await world.delivery.send('interactive', {
    ...payloadHead(world, 'view_submission', user),
    trigger_id: world.triggers.issue(user.id),
    view: viewWire(world, view),
    response_urls: [],
  });
  const answer = isJson(receipt.response) ? receipt.response : {};
  const problem = receipt.outcome === 'acked' ? applyAnswer(world, user, view, answer) : undefined;
  world.bus.changed();
  const shown = world.views.stack(user.id).at(-1);
  return {
    ...receipt,
    errors: view.errors,
    ...(shown ? { view: shown } : {}),
    ...(problem === undefined ? {} : { problem }),
  };
};

/**
 * Presses Cancel (or Back): the visible view goes, and with clear_on_close all do. `all`: the ✕, which closes the whole
 * stack. Tells the app of each view that asked for it. Gives the receipts.
 */
export const close = async (
  world: World,
  user: User,
  target: { id: string },
  { all = false }: { all?: boolean } = {},
): Promise<Receipt[]> => {
  const view = currentView(world, target, user);
  const stack = world.views.stack(user.id);
  const whole = all || view.clearOnClose;
  const closing = whole ? [...stack].reverse() : [view];
  if (whole) world.views.clear(user.id);
  else world.views.pop(user.id);
  const told = closing.filter((one) => one.notifyOnClose);
  return Promise.all(
    told.map((one) =>
      world.delivery.send('interactive', {
        ...payloadHead(world, 'view_closed', user),
        view: viewWire(world, one),
        is_cleared: whole,
      }),
    ),
  );
};
