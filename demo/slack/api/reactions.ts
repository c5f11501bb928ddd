import type { Json } from '../json.ts';
import type { Message } from '../model/types.ts';
import { messageWire } from '../model/wire.ts';
import { type Call, channelById, type Method, needText, SlackError } from './method.ts';

const NAME = /^[a-z0-9_+'-]+(::skin-tone-[2-6])?$/;
/** Different reactions on one message. */
const MAX_KINDS = 23;

const target = ({ world, args }: Call): Message => {
  const channel = channelById(world, needText(args, 'channel'));
  if (!channel.members.has(world.app.botUserId)) throw new SlackError('not_in_channel');
  const message = channel.messages.get(needText(args, 'timestamp'));
  if (!message) throw new SlackError('message_not_found');
  return message;
};

const change = (call: Call, on: boolean): Json => {
  const name = needText(call.args, 'name').replaceAll(/^:|:$/g, '');
  if (!NAME.test(name)) throw new SlackError('invalid_name');
  const message = target(call);
  const isNew = on && !message.reactions.some((one) => one.name === name);
  if (isNew && message.reactions.length >= MAX_KINDS) throw new SlackError('too_many_reactions');
  const { messages, app } = call.world;
  if (!messages.react(message, app.botUserId, name, on)) throw new SlackError(on ? 'already_reacted' : 'no_reaction');
  return {};
};

/** reactions.* */
export const reactionMethods: Record<string, Method> = {
  'reactions.add': { tier: 3, scope: 'reactions:write', run: (call) => change(call, true) },
  'reactions.remove': { tier: 2, scope: 'reactions:write', run: (call) => change(call, false) },
  'reactions.get': {
    tier: 3,
    scope: 'reactions:read',
    run: (call) => {
      const message = target(call);
      return { type: 'message', channel: message.channel, message: messageWire(call.world, message) };
    },
  },
};
