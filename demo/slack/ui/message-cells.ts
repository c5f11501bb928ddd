import { slackFilesIn } from '../model/slack-files.ts';
import type { Message } from '../model/types.ts';
import type { Cell } from './cells.ts';
import type { MessageEntity } from './protocol.ts';

/** What the replies to a message come to. */
export interface Thread {
  count: number;
  last: string;
  users: Set<string>;
}

interface Known<T> {
  made: T;
  /** Of what; an edit replaces all parts of a message's content, so that being the same tells. */
  from: readonly unknown[];
}

const remembered = <T>() => {
  const known = new WeakMap<Message, Known<T>>();
  return (message: Message, from: readonly unknown[], make: () => T): T => {
    const before = known.get(message);
    if (before?.from.every((part, index) => part === from[index])) return before.made;
    const made = make();
    known.set(message, { made, from });
    return made;
  };
};

const entityOf = (message: Message, botId: string, thread: Thread | undefined): MessageEntity => ({
  channel: message.channel,
  ts: message.ts,
  ...(message.threadTs === undefined ? {} : { threadTs: message.threadTs }),
  broadcast: message.broadcast,
  user: message.user,
  ...(message.fromApp ? { botId } : {}),
  fromSlackbot: message.fromSlackbot,
  text: message.text,
  blocks: message.blocks,
  attachments: message.attachments,
  files: message.files,
  ...(message.edited ? { edited: message.edited.ts } : {}),
  ephemeral: message.ephemeralTo !== undefined,
  replyCount: thread?.count ?? 0,
  ...(thread ? { lastReplyTs: thread.last } : {}),
  replyUsers: thread ? [...thread.users] : [],
  reactions: message.reactions,
});

const MENTION = /<@([UW]\w+)|<!subteam\^(\w+)|<!(here|channel|everyone)\b/g;

const mentionsIn = (json: string): ReadonlySet<string> =>
  new Set([...json.matchAll(MENTION)].map(([, user, group, all]) => user ?? group ?? `!${all}`));

/** Cells of messages, made anew only where a message has changed: looking costs little however many there are. */
export interface MessageCells {
  cell(message: Message, thread: Thread | undefined): Cell;
  /** Whom it mentions: ids of people and groups, and `!here` and the like. */
  mentions(message: Message): ReadonlySet<string>;
  /** Ids of the files that it shares or shows. */
  files(message: Message): readonly string[];
}

/** Makes the memory of messages. */
export const createMessageCells = (botId: string): MessageCells => {
  const cells = remembered<Cell>();
  const mentioned = remembered<ReadonlySet<string>>();
  const shown = remembered<readonly string[]>();
  return {
    files: (message) => {
      const { blocks, files } = message;
      return shown(message, [blocks, files], () => [...files, ...slackFilesIn(blocks).map((one) => one.id)]);
    },
    cell: (message, thread) => {
      const { text, blocks, attachments, files, edited, reactions } = message;
      const from = [text, blocks, attachments, files, edited?.ts, reactions, thread?.count, thread?.last];
      return cells(message, from, () => ({ json: JSON.stringify(entityOf(message, botId, thread)) }));
    },
    mentions: (message) => {
      const { text, blocks } = message;
      return mentioned(message, [text, blocks], () => mentionsIn(JSON.stringify([text, blocks])));
    },
  };
};
