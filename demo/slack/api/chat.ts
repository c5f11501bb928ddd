import type { Json } from '../json.ts';
import type { Channel, Message } from '../model/types.ts';
import { messageWire } from '../model/wire.ts';
import type { World } from '../world.ts';
import { messageContent } from './message-content.ts';
import { type Call, channelById, flagArg, type Method, needText, SlackError, textArg } from './method.ts';

const POST_CHARS = 40_000;
const UPDATE_CHARS = 4000;

/** Where a message goes: a channel's id or #name, a DM's id, or a user, whose DM with the app is opened. */
export const postTarget = (world: World, ref: string): Channel => {
  const { workspace, app } = world;
  const user = workspace.users.get(ref);
  if (user) return workspace.direct([app.botUserId, user.id]);
  const named = [...workspace.channels.values()].find((one) => one.name !== '' && `#${one.name}` === ref);
  const channel = channelById(world, named?.id ?? ref);
  if (!channel.members.has(app.botUserId) && !app.scopes.has('chat:write.public')) {
    throw new SlackError('not_in_channel');
  }
  if (channel.archived) throw new SlackError('is_archived');
  return channel;
};

const threadOf = (channel: Channel, args: Json): string | undefined => {
  const ts = textArg(args, 'thread_ts');
  if (ts === undefined) return undefined;
  const root = channel.messages.get(ts);
  if (!root) throw new SlackError('thread_not_found');
  // a reply's ts stands for its thread
  return root.threadTs ?? root.ts;
};

const ownMessage = ({ world, args }: Call, refusal: string): { channel: Channel; message: Message } => {
  const channel = channelById(world, needText(args, 'channel'));
  const message = channel.messages.get(needText(args, 'ts'));
  if (!message) throw new SlackError('message_not_found');
  if (!message.fromApp) throw new SlackError(refusal);
  return { channel, message };
};

const post = ({ world, args }: Call): Json => {
  const channel = postTarget(world, needText(args, 'channel'));
  const threadTs = threadOf(channel, args);
  const message = world.messages.post({
    ...messageContent(world, args, { textLimit: POST_CHARS }),
    channel: channel.id,
    user: world.app.botUserId,
    fromApp: true,
    broadcast: threadTs !== undefined && flagArg(args, 'reply_broadcast'),
    ...(threadTs === undefined ? {} : { threadTs }),
  });
  return { channel: channel.id, ts: message.ts, message: messageWire(world, message) };
};

const update = (call: Call): Json => {
  const { world, args } = call;
  const { channel, message } = ownMessage(call, 'cant_update_message');
  // text alone takes the blocks away; a call with neither text nor blocks can only be about attachments or metadata
  const kept = {
    ...(args.text === undefined && args.blocks === undefined ? { text: message.text, blocks: message.blocks } : {}),
    ...(args.attachments === undefined ? { attachments: message.attachments } : {}),
    ...(args.metadata === undefined && message.metadata ? { metadata: message.metadata } : {}),
  };
  const content = messageContent(world, { ...kept, ...args }, { textLimit: UPDATE_CHARS });
  const marksEdited = content.blocks.length === 0;
  world.messages.edit(message, { ...content, files: message.files }, marksEdited ? world.app.botUserId : undefined);
  return { channel: channel.id, ts: message.ts, text: message.text, message: messageWire(world, message) };
};

const remove = (call: Call): Json => {
  const { channel, message } = ownMessage(call, 'cant_delete_message');
  call.world.messages.remove(message);
  return { channel: channel.id, ts: message.ts };
};

const postEphemeral = ({ world, args }: Call): Json => {
  const channel = postTarget(world, needText(args, 'channel'));
  const user = world.workspace.users.get(needText(args, 'user'));
  if (!user || !channel.members.has(user.id)) throw new SlackError('user_not_in_channel');
  const threadTs = threadOf(channel, args);
  const message = world.messages.post({
    ...messageContent(world, args, { textLimit: POST_CHARS }),
    channel: channel.id,
    user: world.app.botUserId,
    fromApp: true,
    ephemeralTo: user.id,
    ...(threadTs === undefined ? {} : { threadTs }),
  });
  return { message_ts: message.ts };
};

const permalink = ({ world, args }: Call): Json => {
  const channel = channelById(world, needText(args, 'channel'));
  const message = channel.messages.get(needText(args, 'message_ts'));
  if (!message) throw new SlackError('message_not_found');
  const thread = message.threadTs === undefined ? '' : `?thread_ts=${message.threadTs}&cid=${channel.id}`;
  return {
    channel: channel.id,
    permalink: `${world.url()}/archives/${channel.id}/p${message.ts.replace('.', '')}${thread}`,
  };
};

/** chat.* */
export const chatMethods: Record<string, Method> = {
  'chat.postMessage': { tier: 'post', scope: 'chat:write', run: post },
  'chat.update': { tier: 3, scope: 'chat:write', run: update },
  'chat.delete': { tier: 3, scope: 'chat:write', run: remove },
  'chat.postEphemeral': { tier: 4, scope: 'chat:write', run: postEphemeral },
  'chat.getPermalink': { tier: 'special', run: permalink },
};
