import type { Message } from '../model/types.ts';
import type { Persona } from '../persona/persona.ts';
import { edit, react, remove, say, upload } from '../persona/writing.ts';
import type { World } from '../world.ts';
import { answerOf, done } from './act-answer.ts';
import type { Act, ActAnswer } from './protocol.ts';

type Name = 'slash' | 'say' | 'edit' | 'delete' | 'read' | 'dismiss' | 'react' | 'upload' | 'shortcut';
type MessageAct = Extract<Act, { act: Name }>;

const slash = async (world: World, persona: Persona, act: Act & { act: 'slash' }): Promise<ActAnswer> => {
  const thread = act.threadTs === undefined ? {} : { threadTs: act.threadTs };
  const result = await persona.slash(act.channel, act.line, thread);
  const answer = answerOf(world.app.name, result);
  // what Slack says of it stands in the channel, too
  if (!result.complaint) return answer;
  return {
    ok: false,
    error: { message: result.complaint.text },
    receipt: answer.receipt ?? { outcome: result.outcome },
  };
};

const shortcut = async (world: World, persona: Persona, act: Act & { act: 'shortcut' }): Promise<ActAnswer> => {
  if (!act.message) return answerOf(world.app.name, await persona.shortcut(act.callbackId));
  const message = world.messages.find(act.message.channel, act.message.ts);
  if (!message || !isSeen(world, persona, message)) throw new Error('chat server: the message is gone');
  return answerOf(world.app.name, await persona.shortcut(act.callbackId, message));
};

const isSeen = (world: World, { user }: Persona, message: Message): boolean =>
  message.ephemeralTo === undefined
    ? world.workspace.channel(message.channel).members.has(user.id)
    : message.ephemeralTo === user.id;

/** Writes, changes and reads messages. */
export const messageAct = async (world: World, persona: Persona, act: MessageAct): Promise<ActAnswer> => {
  const { user } = persona;
  if (act.act === 'slash') return slash(world, persona, act);
  if (act.act === 'shortcut') return shortcut(world, persona, act);
  const channel = world.workspace.channel(act.channel);
  if (!channel.members.has(user.id)) throw new Error(`chat server: ${user.name} isn't in ${channel.name || 'there'}`);
  const thread = 'threadTs' in act && act.threadTs !== undefined ? { threadTs: act.threadTs } : {};
  switch (act.act) {
    case 'say': {
      const isToApp = channel.kind === 'im' && channel.members.has(world.app.botUserId);
      if (isToApp && !world.app.messagesTab) {
        throw new Error('chat server: sending messages to this app has been turned off');
      }
      const { ts } = await say(world, user, channel, act.text, { ...thread, broadcast: act.broadcast === true });
      return done({ ts });
    }
    case 'upload': {
      const text = act.text === undefined ? {} : { text: act.text };
      const file = { name: act.name, bytes: Buffer.from(act.content, 'base64') };
      return done({ ts: (await upload(world, user, channel, { ...file, ...text, ...thread })).ts });
    }
    case 'edit':
      await edit(world, user, channel, act.ts, act.text);
      break;
    case 'delete':
      await remove(world, user, channel, act.ts);
      break;
    case 'react':
      await react(world, user, channel, act.ts, act.name);
      break;
    case 'read':
      world.readMarks.set(user.id, channel.id, act.ts);
      break;
    case 'dismiss': {
      const message = world.messages.ephemerals(user.id).find((one) => one.channel === channel.id && one.ts === act.ts);
      if (!message) throw new Error('chat server: the message is gone');
      world.messages.remove(message);
      break;
    }
  }
  return done();
};
