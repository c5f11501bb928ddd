import type { Channel, User } from '../model/types.ts';
import { type ChannelScene, showsInChannel, type Unread } from './channel-window.ts';
import type { MessageCells } from './message-cells.ts';

/** Nobody counts further, and looking at every old message with each change would cost time. */
const MOST = 1000;
const LOUD = ['!here', '!channel', '!everyone'];

interface Reader {
  readTs: string;
  /** Ids of their user groups. */
  groups: readonly string[];
  cells: MessageCells;
}

const count = (channel: Channel, { all }: ChannelScene, user: User, { readTs, groups, cells }: Reader): Unread => {
  const names = [user.id, ...groups, ...LOUD];
  let [unread, mentions] = [0, 0];
  for (let index = all.length - 1; index >= 0 && unread < MOST; index -= 1) {
    const message = all[index];
    // ts all have the same length, so that their order is that of their texts
    if (!message || message.ts <= readTs) break;
    if (message.user === user.id) continue;
    const isShown = showsInChannel(message);
    if (isShown) unread += 1;
    const found = cells.mentions(message);
    if (channel.kind === 'im' ? isShown : found.size > 0 && names.some((name) => found.has(name))) mentions += 1;
  }
  return { unread, mentions };
};

/** How much in a channel a person hasn't read: messages of others, and those among them (replies too) that mention them. */
export const unreadIn = (channel: Channel, scene: ChannelScene, user: User, reader: Reader): Unread => {
  const key = [user.id, reader.readTs, ...reader.groups].join(' ');
  const counted = scene.unread.get(key) ?? count(channel, scene, user, reader);
  scene.unread.set(key, counted);
  return counted;
};
