import type { Json } from '../json.ts';
import type { Channel } from '../model/types.ts';
import { channelWire, messageWire } from '../model/wire.ts';
import type { World } from '../world.ts';
import {
  type Call,
  channelById,
  flagArg,
  invalidArguments,
  isVisible,
  type Method,
  needScope,
  needText,
  page,
  SlackError,
  textArg,
} from './method.ts';

const FAMILY: Record<Channel['kind'], string> = { public: 'channels', private: 'groups', im: 'im', mpim: 'mpim' };
const TYPES: Record<string, Channel['kind']> = {
  public_channel: 'public',
  private_channel: 'private',
  im: 'im',
  mpim: 'mpim',
};

const readable = (world: World, id: string, right: 'read' | 'history'): Channel => {
  const channel = channelById(world, id);
  needScope(world, `${FAMILY[channel.kind]}:${right}`);
  return channel;
};

const kindsAsked = (world: World, args: Json): Channel['kind'][] => {
  const kinds = (textArg(args, 'types') ?? 'public_channel').split(',').map((type) => TYPES[type.trim()]);
  return kinds.map((kind) => {
    if (!kind) throw new SlackError('invalid_types');
    needScope(world, `${FAMILY[kind]}:read`);
    return kind;
  });
};

const listed = ({ world, args }: Call, member?: string): Json => {
  const kinds = kindsAsked(world, args);
  const hideArchived = flagArg(args, 'exclude_archived');
  const channels = [...world.workspace.channels.values()].filter(
    (channel) =>
      kinds.includes(channel.kind) &&
      isVisible(world, channel) &&
      (member === undefined || channel.members.has(member)) &&
      !(hideArchived && channel.archived),
  );
  const { items, next } = page(channels, args);
  return { channels: items.map((channel) => channelWire(world, channel)), response_metadata: { next_cursor: next } };
};

const members = ({ world, args }: Call): Json => {
  const channel = readable(world, needText(args, 'channel'), 'read');
  const { items, next } = page([...channel.members], args);
  return { members: items, response_metadata: { next_cursor: next } };
};

const open = ({ world, args }: Call): Json => {
  const { workspace, app } = world;
  const existing = textArg(args, 'channel');
  if (existing !== undefined) return { channel: { id: channelById(world, existing).id } };
  const users = (textArg(args, 'users') ?? '').split(',').filter((id) => id !== '');
  if (users.length === 0) throw invalidArguments('missing required field: users');
  for (const id of users) {
    if (!workspace.users.has(id)) throw new SlackError('user_not_found');
  }
  needScope(world, users.length > 1 ? 'mpim:write' : 'im:write');
  const channel = workspace.direct([app.botUserId, ...users]);
  return { channel: flagArg(args, 'return_im') ? channelWire(world, channel) : { id: channel.id } };
};

const history = ({ world, args }: Call, thread: boolean): Json => {
  const channel = readable(world, needText(args, 'channel'), 'history');
  if (!channel.members.has(world.app.botUserId)) throw new SlackError('not_in_channel');
  const root = thread ? needText(args, 'ts') : undefined;
  if (root !== undefined && !channel.messages.has(root)) throw new SlackError('thread_not_found');
  const all = root === undefined ? shownInChannel(channel) : world.messages.thread(channel, root);
  const [oldest, latest] = [Number(textArg(args, 'oldest') ?? 0), Number(textArg(args, 'latest') ?? Infinity)];
  const inclusive = flagArg(args, 'inclusive');
  const within = all.filter(({ ts }) => {
    const at = Number(ts);
    return inclusive ? at >= oldest && at <= latest : at > oldest && at < latest;
  });
  const { items, next } = page(within, args);
  return {
    messages: items.map((message) => messageWire(world, message)),
    has_more: next !== '',
    response_metadata: { next_cursor: next },
  };
};
const shownInChannel = (channel: Channel) =>
  [...channel.messages.values()].filter((one) => one.threadTs === undefined || one.broadcast).reverse();

const join = ({ world, args }: Call): Json => {
  const channel = channelById(world, needText(args, 'channel'));
  if (channel.kind !== 'public') throw new SlackError('method_not_supported_for_channel_type');
  if (channel.archived) throw new SlackError('is_archived');
  channel.members.add(world.app.botUserId);
  world.bus.changed();
  return { channel: channelWire(world, channel) };
};

const TOPIC_CHARS = 250;
const setTopic = ({ world, args }: Call): Json => {
  const channel = channelById(world, needText(args, 'channel'));
  const scopes =
    channel.kind === 'public' ? ['channels:manage', 'channels:write.topic'] : ['groups:write', 'groups:write.topic'];
  const { app } = world;
  if (!scopes.some((scope) => app.scopes.has(scope))) needScope(world, scopes[0] ?? '');
  if (channel.kind === 'im' || channel.kind === 'mpim') throw new SlackError('method_not_supported_for_channel_type');
  if (!channel.members.has(app.botUserId)) throw new SlackError('not_in_channel');
  const topic = textArg(args, 'topic') ?? '';
  if (topic.length > TOPIC_CHARS) throw new SlackError('too_long');
  channel.topic = topic;
  world.bus.changed();
  return { channel: channelWire(world, channel) };
};

/** conversations.* and users.conversations */
export const conversationMethods: Record<string, Method> = {
  'conversations.info': {
    tier: 3,
    run: ({ world, args }) => ({
      channel: channelWire(world, readable(world, needText(args, 'channel'), 'read')),
    }),
  },
  'conversations.list': { tier: 2, run: (call) => listed(call) },
  'users.conversations': {
    tier: 3,
    run: (call) => listed(call, textArg(call.args, 'user') ?? call.world.app.botUserId),
  },
  'conversations.members': { tier: 4, run: members },
  'conversations.open': { tier: 3, run: open },
  'conversations.setTopic': { tier: 2, run: setTopic },
  'conversations.join': { tier: 3, scope: 'channels:join', run: join },
  'conversations.history': { tier: 3, run: (call) => history(call, false) },
  'conversations.replies': { tier: 3, run: (call) => history(call, true) },
};
