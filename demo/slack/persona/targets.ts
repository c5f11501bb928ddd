import { asText, isJson, type Json } from '../json.ts';
import type { Message, StateValues, User, View } from '../model/types.ts';
import { messageWire, payloadChannelName, stateWire, viewWire } from '../model/wire.ts';
import type { World } from '../world.ts';
import { initialState, type Placed, placedElements } from './element-state.ts';

/** Something with elements to use: a message or a view. Held copies will do; the present state is looked up. */
export type Target = Message | View;

/** Where the person used it. */
export interface Site {
  blocks: Json[];
  /** State of the stateful elements; to be changed in place. */
  values: StateValues;
  /** What interaction payloads say of the place. */
  wire: Json;
  message?: Message;
  view?: View;
}

// what people have chosen in messages, by message and person
const chosen = new WeakMap<Message, Map<string, StateValues>>();

/** What a person has chosen in a message's elements so far; undefined where they have touched none. */
export const chosenIn = (message: Message, user: string): StateValues | undefined => chosen.get(message)?.get(user);

const messageValues = (message: Message, user: string): StateValues => {
  const byUser = chosen.get(message) ?? new Map<string, StateValues>();
  chosen.set(message, byUser);
  const known = byUser.get(user) ?? {};
  const fresh = initialState(message.blocks);
  const values: StateValues = {};
  for (const [blockId, block] of Object.entries(fresh)) values[blockId] = { ...block, ...known[blockId] };
  byUser.set(user, values);
  return values;
};

/** The message as it stands now; throws where it is gone or the person can't see it. */
const currentMessage = (world: World, { channel, ts }: Message, user: User): Message => {
  const message = world.messages.find(channel, ts);
  if (!message) throw new Error(`chat server: message ${ts} is gone`);
  const visible = message.ephemeralTo === undefined || message.ephemeralTo === user.id;
  if (!visible || !world.workspace.channel(channel).members.has(user.id)) {
    throw new Error(`chat server: ${user.name} can't see message ${ts}`);
  }
  return message;
};

/** The view as it stands now; throws where it isn't the person's visible one. */
export const currentView = (world: World, { id }: { id: string }, user: User): View => {
  const view = world.views.find(id);
  if (!view || view.user !== user.id) throw new Error(`chat server: ${user.name} has no view ${id} open`);
  if (view.type === 'modal' && world.views.stack(user.id).at(-1) !== view) {
    throw new Error(`chat server: view ${id} is covered by another`);
  }
  return view;
};

/** Looks a target up. */
export const siteOf = (world: World, target: Target, user: User): Site => {
  if ('rootViewId' in target) {
    const view = currentView(world, target, user);
    const wire = { container: { type: 'view', view_id: view.id }, view: viewWire(world, view) };
    return { blocks: view.blocks, values: view.values, wire, view };
  }
  const message = currentMessage(world, target, user);
  const channel = world.workspace.channel(message.channel);
  const ephemeral = message.ephemeralTo !== undefined;
  const values = messageValues(message, user.id);
  const wire = {
    container: {
      type: 'message',
      message_ts: message.ts,
      channel_id: message.channel,
      is_ephemeral: ephemeral,
      ...(message.threadTs === undefined ? {} : { thread_ts: message.threadTs }),
    },
    channel: { id: channel.id, name: payloadChannelName(channel) },
    ...(ephemeral ? {} : { message: messageWire(world, message) }),
    state: { values: stateWire(world, values) },
  };
  return { blocks: message.blocks, values, wire, message };
};

/** What an element says on it. */
const label = ({ element }: Placed): string | undefined =>
  isJson(element.text) ? asText(element.text.text) : undefined;

/** Finds one element by action_id or the text on it; throws naming what there is, or where more than one fits. */
export const findElement = (site: Site, which: string, blockId?: string): Placed => {
  const all = placedElements(site.blocks).filter((one) => blockId === undefined || one.blockId === blockId);
  const byId = all.filter((one) => one.actionId === which);
  const found = byId.length > 0 ? byId : all.filter((one) => label(one) === which);
  const [first] = found;
  if (first && found.length === 1) return first;
  const there = all.map((one) => `${one.actionId} (${label(one) ?? one.type})`).join(', ') || 'none';
  const problem = first ? `${found.length} elements fit ${which}; give blockId` : `no element ${which}`;
  throw new Error(`chat server: ${problem}. There are: ${there}`);
};
