import type { Bus } from '../bus.ts';
import type { Channel, Message, MessageContent } from './types.ts';
import type { Workspace } from './workspace.ts';

/** What is needed to write a message. */
interface NewMessage extends Partial<MessageContent> {
  channel: string;
  user: string;
  fromApp?: boolean;
  fromSlackbot?: boolean;
  threadTs?: string;
  broadcast?: boolean;
  ephemeralTo?: string;
}

/** All that was written, kept in its channels; what only one user sees is kept apart. */
export interface Messages {
  post(message: NewMessage): Message;
  /** Replaces what it says; the author's text shows as edited. */
  edit(message: Message, content: MessageContent, by?: string): void;
  remove(message: Message): void;
  /** Gives a reaction or takes it back; false where it was so already. */
  react(message: Message, user: string, name: string, on: boolean): boolean;
  find(channel: string, ts: string): Message | undefined;
  /** Counts up with each change of a conversation's messages. */
  revision(channel: string): number;
  /** What only this user sees, oldest first. */
  ephemerals(user: string): Message[];
  /** A thread, its root first. */
  thread(channel: Channel, ts: string): Message[];
}

/** A copy that later edits leave alone. */
export const snapshot = (message: Message): Message => structuredClone(message);

/** Makes the store of messages. */
export const createMessages = (workspace: Workspace, bus: Bus): Messages => {
  const ephemerals: Message[] = [];
  const revisions = new Map<string, number>();
  const changed = ({ channel }: Message): void => {
    revisions.set(channel, (revisions.get(channel) ?? 0) + 1);
    bus.changed();
  };
  return {
    post: ({ text = '', blocks = [], attachments = [], files = [], metadata, threadTs, ephemeralTo, ...rest }) => {
      const message: Message = {
        fromApp: false,
        fromSlackbot: false,
        broadcast: false,
        ...rest,
        text,
        blocks,
        attachments,
        files,
        ts: workspace.nextTs(),
        reactions: [],
        revisions: [],
        ...(metadata === undefined ? {} : { metadata }),
        ...(threadTs === undefined ? {} : { threadTs }),
        ...(ephemeralTo === undefined ? {} : { ephemeralTo }),
      };
      if (ephemeralTo === undefined) workspace.channel(message.channel).messages.set(message.ts, message);
      else ephemerals.push(message);
      changed(message);
      return message;
    },
    edit: (message, content, by) => {
      const { text, blocks, attachments, files, metadata } = message;
      message.revisions.push({ text, blocks, attachments, files, ...(metadata === undefined ? {} : { metadata }) });
      Object.assign(message, content);
      if (by !== undefined) message.edited = { user: by, ts: workspace.nextTs() };
      changed(message);
    },
    remove: (message) => {
      const index = ephemerals.indexOf(message);
      if (index >= 0) ephemerals.splice(index, 1);
      workspace.channel(message.channel).messages.delete(message.ts);
      changed(message);
    },
    react: (message, user, name, on) => {
      const given = message.reactions.find((one) => one.name === name)?.users ?? [];
      if (given.includes(user) === on) return false;
      const users = on ? [...given, user] : given.filter((one) => one !== user);
      const others = message.reactions.some((one) => one.name === name)
        ? message.reactions.map((one) => (one.name === name ? { name, users } : one))
        : [...message.reactions, { name, users }];
      message.reactions = others.filter((one) => one.users.length > 0);
      changed(message);
      return true;
    },
    revision: (channel) => revisions.get(channel) ?? 0,
    find: (channel, ts) =>
      workspace.channels.get(channel)?.messages.get(ts) ??
      ephemerals.find((message) => message.channel === channel && message.ts === ts),
    ephemerals: (user) => ephemerals.filter((message) => message.ephemeralTo === user),
    thread: (channel, ts) =>
      [...channel.messages.values()].filter((message) => message.ts === ts || message.threadTs === ts),
  };
};
