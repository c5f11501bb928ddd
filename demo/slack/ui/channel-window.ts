import type { Messages } from '../model/messages.ts';
import type { Channel, Message } from '../model/types.ts';
import type { Thread } from './message-cells.ts';

/** The newest messages of a channel, and whether there are older ones. */
interface Window {
  messages: readonly Message[];
  older: boolean;
}

/** What somebody hasn't read. */
export interface Unread {
  unread: number;
  mentions: number;
}

/** A channel's messages as they stand, and what was worked out from them so far. */
export interface ChannelScene {
  /** Oldest first, replies too. */
  all: readonly Message[];
  threads: ReadonlyMap<string, Thread>;
  /** ts of the newest message in the channel itself. */
  lastTs: string | undefined;
  windows: Map<number, Window>;
  /** By person, and what they have read. */
  unread: Map<string, Unread>;
}

/** True for what shows in the channel and not in a thread alone. */
export const showsInChannel = ({ threadTs, broadcast }: Message): boolean => threadTs === undefined || broadcast;

const sceneOf = (channel: Channel): ChannelScene => {
  const all = [...channel.messages.values()];
  const threads = new Map<string, Thread>();
  for (const { threadTs, ts, user } of all) {
    if (threadTs === undefined) continue;
    const thread = threads.get(threadTs) ?? { count: 0, last: ts, users: new Set() };
    threads.set(threadTs, thread);
    thread.count += 1;
    thread.last = ts;
    thread.users.add(user);
  }
  return { all, threads, lastTs: all.findLast(showsInChannel)?.ts, windows: new Map(), unread: new Map() };
};

/** Gives a channel's scene; reads it through only after a change of its messages. */
export const createScenes = (messages: Pick<Messages, 'revision'>): ((channel: Channel) => ChannelScene) => {
  const scenes = new WeakMap<Channel, { revision: number; scene: ChannelScene }>();
  return (channel) => {
    const revision = messages.revision(channel.id);
    const before = scenes.get(channel);
    if (before?.revision === revision) return before.scene;
    const scene = sceneOf(channel);
    scenes.set(channel, { revision, scene });
    return scene;
  };
};

const windowOf = (all: readonly Message[], size: number): Window => {
  const start = Math.max(0, all.length - size);
  const recent = all.slice(start);
  const roots = new Set(recent.flatMap(({ threadTs }) => threadTs ?? []));
  const belong = all.slice(0, start).filter(({ ts, threadTs }) => roots.has(threadTs ?? ts));
  return { messages: [...belong, ...recent], older: belong.length < start };
};

/** The newest messages, and whole the threads that they belong to. */
export const newest = ({ all, windows }: ChannelScene, size: number): Window => {
  const window = windows.get(size) ?? windowOf(all, size);
  windows.set(size, window);
  return window;
};
