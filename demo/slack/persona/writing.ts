import { emitEvent } from '../delivery/events.ts';
import type { Json } from '../json.ts';
import { snapshot } from '../model/messages.ts';
import type { Channel, Message, User } from '../model/types.ts';
import { fileWire, messageWire } from '../model/wire.ts';
import type { World } from '../world.ts';

const MESSAGE_EVENTS = {
  public: 'message.channels',
  private: 'message.groups',
  im: 'message.im',
  mpim: 'message.mpim',
};
const TEXT_CHARS = 40_000;

/** Where a message goes, and how. */
export interface SayOptions {
  threadTs?: string;
  /** A reply that also shows in the channel. */
  broadcast?: boolean;
}

const needMember = (channel: Channel, user: User): void => {
  if (!channel.members.has(user.id)) throw new Error(`chat server: ${user.name} isn't in #${channel.name}`);
  if (channel.archived) throw new Error(`chat server: #${channel.name} is archived`);
};

const needShort = (text: string): void => {
  if (text.length > TEXT_CHARS) throw new Error(`chat server: a message has at most ${TEXT_CHARS} characters`);
};

const placeOf = (channel: Channel): Json => ({
  channel: channel.id,
  channel_type: channel.kind === 'public' ? 'channel' : channel.kind,
});

const tell = async (world: World, channel: Channel, event: Json): Promise<void> => {
  if (!channel.members.has(world.app.botUserId)) return;
  await emitEvent(world, MESSAGE_EVENTS[channel.kind], { ...event, ...placeOf(channel) });
};

/** Writes a message; the app hears of it where it subscribed. */
export const say = async (
  world: World,
  user: User,
  channel: Channel,
  text: string,
  { threadTs, broadcast = false }: SayOptions = {},
): Promise<Message> => {
  needMember(channel, user);
  needShort(text);
  if (text.startsWith('/')) throw new Error('chat server: that is a slash command');
  const thread = threadTs === undefined ? {} : { threadTs };
  const message = world.messages.post({ channel: channel.id, user: user.id, text, broadcast, ...thread });
  if (threadTs === undefined) world.readMarks.set(user.id, channel.id, message.ts);
  const wire = messageWire(world, message);
  await tell(world, channel, wire);
  if (channel.members.has(world.app.botUserId) && text.includes(`<@${world.app.botUserId}>`)) {
    await emitEvent(world, 'app_mention', { ...wire, ...placeOf(channel), type: 'app_mention' });
  }
  return snapshot(message);
};

const ownMessage = (world: World, user: User, channel: Channel, ts: string): Message => {
  const message = world.messages.find(channel.id, ts);
  if (!message || message.ephemeralTo !== undefined) throw new Error(`chat server: message ${ts} is gone`);
  if (message.user !== user.id) throw new Error(`chat server: message ${ts} is not ${user.name}'s`);
  return message;
};

/** Changes a message of one's own. */
export const edit = async (world: World, user: User, channel: Channel, ts: string, text: string): Promise<void> => {
  const message = ownMessage(world, user, channel, ts);
  needShort(text);
  if (text === '' && message.files.length === 0) throw new Error('chat server: a message needs some text');
  const before = messageWire(world, message);
  const { attachments, files } = message;
  world.messages.edit(message, { text, blocks: [], attachments, files }, user.id);
  const changed = { message: messageWire(world, message), previous_message: before, hidden: true };
  await tell(world, channel, { type: 'message', subtype: 'message_changed', ts: world.workspace.nextTs(), ...changed });
};

/** Takes a message of one's own away. */
export const remove = async (world: World, user: User, channel: Channel, ts: string): Promise<void> => {
  const message = ownMessage(world, user, channel, ts);
  const before = messageWire(world, message);
  world.messages.remove(message);
  const deleted = { deleted_ts: ts, previous_message: before, hidden: true };
  await tell(world, channel, { type: 'message', subtype: 'message_deleted', ts: world.workspace.nextTs(), ...deleted });
};

/** Puts a file into a channel. */
export const upload = async (
  world: World,
  user: User,
  channel: Channel,
  { name, bytes, text = '', threadTs }: { name: string; bytes: Buffer; text?: string; threadTs?: string },
): Promise<Message> => {
  needMember(channel, user);
  const file = world.files.announce({ name, length: bytes.length, altText: '', user: user.id }, world.clock.now());
  file.channels.push(channel.id);
  file.completed = true;
  world.files.store(file, bytes);
  const thread = threadTs === undefined ? {} : { threadTs };
  const message = world.messages.post({ channel: channel.id, user: user.id, text, files: [file.id], ...thread });
  const shared = { subtype: 'file_share', files: [fileWire(world, file)] };
  await tell(world, channel, { ...messageWire(world, message), ...shared });
  return snapshot(message);
};

/** Gives a reaction to a message, or takes it back where given. */
export const react = async (world: World, user: User, channel: Channel, ts: string, name: string): Promise<void> => {
  needMember(channel, user);
  const message = channel.messages.get(ts);
  if (!message) throw new Error(`chat server: message ${ts} is gone`);
  const isGiven = message.reactions.some((one) => one.name === name && one.users.includes(user.id));
  world.messages.react(message, user.id, name, !isGiven);
  const type = isGiven ? 'reaction_removed' : 'reaction_added';
  if (!channel.members.has(world.app.botUserId)) return;
  const item = { type: 'message', channel: channel.id, ts };
  await emitEvent(world, type, { type, user: user.id, reaction: name, item_user: message.user, item });
};
