import { emitEvent } from '../delivery/events.ts';
import type { Channel, User } from '../model/types.ts';
import type { World } from '../world.ts';

const eventOf = (world: World, channel: Channel, who: User) => ({
  user: who.id,
  channel: channel.id,
  channel_type: channel.kind === 'public' ? 'C' : 'G',
  team: world.workspace.team.id,
});

const needActive = (channel: Channel): void => {
  if (channel.archived) throw new Error(`chat server: #${channel.name} is archived`);
  if (channel.kind === 'im' || channel.kind === 'mpim') {
    throw new Error('chat server: a direct conversation stays with whom it began');
  }
};

/** Brings somebody into a channel: themselves, or asked in by a member. The app hears of it where it is in. */
export const enter = async (world: World, channel: Channel, who: User, inviter: User): Promise<void> => {
  needActive(channel);
  if (who.id === inviter.id && (channel.kind !== 'public' || who.isGuest)) {
    throw new Error(`chat server: ${who.name} has to be asked into #${channel.name}`);
  }
  if (channel.members.has(who.id)) return;
  channel.members.add(who.id);
  world.bus.changed();
  if (!channel.members.has(world.app.botUserId)) return;
  const type = 'member_joined_channel';
  const invited = who.id === inviter.id ? {} : { inviter: inviter.id };
  await emitEvent(world, type, { type, ...eventOf(world, channel, who), ...invited });
};

/** Takes somebody out of a channel: themselves, or by another. */
export const depart = async (world: World, channel: Channel, who: User, by: User): Promise<void> => {
  needActive(channel);
  if (!channel.members.delete(who.id)) return;
  world.bus.changed();
  if (who.id === world.app.botUserId) {
    // the one who is out hears channel_left, not member_left_channel
    const type = channel.kind === 'public' ? 'channel_left' : 'group_left';
    await emitEvent(world, type, { type, channel: channel.id, actor_id: by.id });
    return;
  }
  if (!channel.members.has(world.app.botUserId)) return;
  const type = 'member_left_channel';
  await emitEvent(world, type, { type, ...eventOf(world, channel, who) });
};
