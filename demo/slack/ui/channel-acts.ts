import { isManual } from '../clock.ts';
import { depart, enter } from '../persona/membership.ts';
import type { Persona } from '../persona/persona.ts';
import type { World } from '../world.ts';
import { answerOf, done } from './act-answer.ts';
import { sees } from './persona-store.ts';
import type { Act, ActAnswer } from './protocol.ts';

type Name = 'join' | 'leave' | 'invite' | 'kick' | 'topic' | 'createChannel' | 'openDm' | 'openHome' | 'advance';
type ChannelAct = Extract<Act, { act: Name }>;

const createChannel = async (world: World, { user }: Persona, act: Act & { act: 'createChannel' }) => {
  const { workspace } = world;
  if ([...workspace.channels.values()].some((one) => one.name === act.name)) {
    throw new Error(`chat server: there is a #${act.name} already`);
  }
  const kind = act.private === true ? 'private' : 'public';
  return done({ channel: workspace.addChannel({ name: act.name, kind, members: [user.id] }).id });
};

/** Comes and goes, and what else concerns no message. */
export const channelAct = async (world: World, persona: Persona, act: ChannelAct): Promise<ActAnswer> => {
  const { user } = persona;
  const { workspace, app, clock } = world;
  switch (act.act) {
    case 'createChannel':
      return createChannel(world, persona, act);
    case 'openDm': {
      const others = act.users.map((ref) => workspace.user(ref).id);
      return done({ channel: workspace.direct([user.id, ...others]).id });
    }
    case 'openHome':
      return answerOf(app.name, await persona.openHome(act.tab ?? 'home'));
    case 'advance':
      if (!isManual(clock)) throw new Error("chat server: the machine's clock can't be moved");
      clock.advance(act.seconds * 1000);
      world.bus.changed();
      return done();
    default:
  }
  const channel = workspace.channel(act.channel);
  // what they can't see isn't there for them, as on Slack
  if (!sees(user, channel)) throw new Error(`chat server: there is no channel ${act.channel}`);
  const isMember = channel.members.has(user.id);
  if (!isMember && act.act !== 'join') throw new Error(`chat server: ${user.name} isn't in #${channel.name}`);
  switch (act.act) {
    case 'join':
      await enter(world, channel, user, user);
      if (!isMember) world.readMarks.set(user.id, channel.id, [...channel.messages.keys()].at(-1) ?? '0');
      break;
    case 'leave':
      await depart(world, channel, user, user);
      break;
    case 'invite':
      await enter(world, channel, workspace.user(act.user ?? app.botUserId), user);
      break;
    case 'kick':
      await depart(world, channel, workspace.user(act.user ?? app.botUserId), user);
      break;
    case 'topic':
      channel.topic = act.topic;
      world.bus.changed();
      break;
  }
  return done();
};
