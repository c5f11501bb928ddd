import type { Receipt } from '../delivery/deliver.ts';
import { emitEvent } from '../delivery/events.ts';
import type { Channel, Message, User, View } from '../model/types.ts';
import { messageWire, payloadChannelName, viewWire } from '../model/wire.ts';
import type { World } from '../world.ts';
import { click, select, type TypeaheadResult, typeahead, type UseOptions } from './act.ts';
import type { FieldValue } from './field-value.ts';
import { depart, enter } from './membership.ts';
import { close, type SubmitResult, submit } from './modal.ts';
import { payloadHead } from './payloads.ts';
import { type SlashResult, slash } from './slash.ts';
import type { Target } from './targets.ts';
import { type SayOptions, say } from './writing.ts';

type Ref = string | { id: string };

/** What one person in the workspace can do. Each act resolves when the app has acked, or failed to. */
export interface Persona {
  user: User;
  /** The direct conversation with the app. */
  dm(): Channel;
  /** Types `/vm create web-01` into a channel. */
  slash(channel: Ref, line: string, options?: { threadTs?: string }): Promise<SlashResult>;
  /** Writes a message; the app hears of it where it subscribed. */
  say(channel: Ref, text: string, options?: SayOptions): Promise<Message>;
  /** Presses a button, by action_id or the text on it. */
  click(target: Target, which: string, options?: UseOptions): Promise<Receipt>;
  /** Chooses in a select, picker, radio, checkbox or overflow menu. */
  select(target: Target, which: string, value: FieldValue, options?: UseOptions): Promise<Receipt>;
  /** Types into an external select. */
  typeahead(target: Target, which: string, text: string, options?: UseOptions): Promise<TypeaheadResult>;
  /** Fills in fields, by block_id, action_id or label, and presses the submit button. */
  submit(view: { id: string }, values?: Readonly<Record<string, FieldValue>>): Promise<SubmitResult>;
  /** Presses Cancel or Back; with `all`, the ✕. */
  close(view: { id: string }, options?: { all?: boolean }): Promise<Receipt[]>;
  /** Opens the app's Home tab, or its Messages tab; undefined where the app doesn't listen to app_home_opened. */
  openHome(tab?: 'home' | 'messages'): Promise<Receipt | undefined>;
  /** Runs a global shortcut, or with a message a message shortcut, by callback_id. */
  shortcut(callbackId: string, message?: Message): Promise<Receipt>;
  /** Asks the app's bot into a channel, or takes it out. */
  invite(channel: Ref): Promise<void>;
  kick(channel: Ref): Promise<void>;
}

const openHome = (world: World, user: User, tab: 'home' | 'messages'): Promise<Receipt | undefined> => {
  const home = tab === 'home' ? world.views.home(user.id) : undefined;
  return emitEvent(world, 'app_home_opened', {
    type: 'app_home_opened',
    user: user.id,
    channel: world.workspace.direct([world.app.botUserId, user.id]).id,
    tab,
    ...(home ? { view: viewWire(world, home) } : {}),
  });
};

const shortcut = (world: World, user: User, callbackId: string, message?: Message): Promise<Receipt> => {
  const kind = message ? 'message' : 'global';
  const known = world.app.shortcuts.some((one) => one.callbackId === callbackId && one.kind === kind);
  if (world.app.commands && !known) throw new Error(`chat server: the manifest has no ${kind} shortcut ${callbackId}`);
  const head = {
    ...payloadHead(world, message ? 'message_action' : 'shortcut', user),
    callback_id: callbackId,
    trigger_id: world.triggers.issue(user.id),
    action_ts: world.workspace.nextTs(),
  };
  if (!message) return world.delivery.send('interactive', head);
  const channel = world.workspace.channel(message.channel);
  return world.delivery.send('interactive', {
    ...head,
    message_ts: message.ts,
    channel: { id: channel.id, name: payloadChannelName(channel) },
    message: messageWire(world, message),
    response_url: world.responseUrls.issue({ user: user.id, channel: channel.id }),
  });
};

/** The hands of one person. */
export const createPersona = (world: World, ref: Ref): Persona => {
  const user = world.workspace.user(ref);
  const bot = world.workspace.user(world.app.botUserId);
  const view = (one: View | undefined): { view?: View } => (one ? { view: structuredClone(one) } : {});
  if (user.deleted || user.isBot) throw new Error(`chat server: ${user.name} is no active person`);
  return {
    user,
    dm: () => world.workspace.direct([world.app.botUserId, user.id]),
    slash: (channel, line, { threadTs } = {}) => slash(world, user, world.workspace.channel(channel), line, threadTs),
    say: (channel, text, options) => say(world, user, world.workspace.channel(channel), text, options),
    click: (target, which, options) => click(world, user, target, which, options),
    select: (target, which, value, options) => select(world, user, target, which, value, options),
    typeahead: (target, which, text, options) => typeahead(world, user, target, which, text, options),
    submit: async (target, values) => {
      const { view: shown, ...rest } = await submit(world, user, target, values);
      return { ...rest, ...view(shown) };
    },
    close: (target, options) => close(world, user, target, options),
    openHome: (tab = 'home') => openHome(world, user, tab),
    shortcut: (callbackId, message) => shortcut(world, user, callbackId, message),
    invite: (channel) => enter(world, world.workspace.channel(channel), bot, user),
    kick: (channel) => depart(world, world.workspace.channel(channel), bot, user),
  };
};
