/**
 * What goes between the chat server and its web page. Types only, and of types only: the page's build reads this file
 * without Node's.
 *
 * The server keeps a store of entities by key, as one persona may see them, and sends patches of it over a WebSocket at
 * `/ui/ws?as=NAME`. The page acts through `POST /ui/act` and `POST /ui/trouble`.
 */
import type { Json } from '../json.ts';
import type { ActiveTrouble } from './protocol-acts.ts';

export type * from './protocol-acts.ts';

/** A member of the workspace; the app's bot is one too. */
export interface PersonEntity {
  id: string;
  /** The handle without @; what `as` takes. */
  name: string;
  realName: string;
  isBot: boolean;
  isAdmin: boolean;
  /** Sees only channels that they were asked into. */
  isGuest: boolean;
  deleted: boolean;
  /** IANA name of the time zone. */
  tz: string;
  /** What they do, as in "lead of team-01"; absent where nothing is known. */
  role?: string;
  /** Handles of the user groups that they are in, without @. */
  groups: string[];
}

/** A user group. */
export interface GroupEntity {
  id: string;
  /** Without @. */
  handle: string;
  name: string;
  /** Ids of people. */
  users: string[];
}

/** The workspace and the app in it. */
export interface WorkspaceEntity {
  name: string;
  /** http://127.0.0.1:PORT, without a slash at the end. */
  url: string;
  /** `manual`: time stands still until the act `advance`. The time itself is `at` of the last patch. */
  clock: 'real' | 'manual';
  app: AppInfo;
}

/** The app under test. */
export interface AppInfo {
  id: string;
  name: string;
  botUserId: string;
  /** What its manifest says it does; empty without a manifest. */
  description: string;
  /** It has a socket open, or a request URL, and the server isn't "down". */
  online: boolean;
  mode: 'socket' | 'http';
  /** Open sockets. */
  sockets: number;
  /** The manifest has a Home tab. */
  homeTab: boolean;
  /** People may write to the app in its Messages tab. */
  messagesTab: boolean;
}

/** A slash command of the app. */
export interface CommandEntity {
  /** With the slash. */
  command: string;
  description: string;
  usageHint: string;
}

/** A shortcut of the app. */
export interface ShortcutEntity {
  callbackId: string;
  name: string;
  kind: 'global' | 'message';
}

/** What can be typed after a command; given by the demo from the registry of operations. */
export interface CompletionEntity {
  /** Command without the slash (`vm`) → its subcommands. */
  families: Record<string, { summary: string; subcommands: Record<string, SubcommandCompletion> }>;
}

/** One subcommand. */
export interface SubcommandCompletion {
  summary: string;
  /** The positional arguments in order. */
  positional: { name: string; required: boolean; choices?: string[] }[];
  flags: FlagCompletion[];
}

/** One flag. */
export interface FlagCompletion {
  /** Without dashes. */
  name: string;
  /** What goes after it: nothing for `boolean`. */
  kind: 'boolean' | 'text' | 'number' | 'choice';
  summary?: string;
  choices?: string[];
}

/** A conversation: one that the persona is in, or a public one that it may join. */
export interface ChannelEntity {
  id: string;
  /** Without #; empty for direct messages, whose members name them. */
  name: string;
  kind: 'public' | 'private' | 'im' | 'mpim';
  topic: string;
  /** Ids of people; empty where the persona isn't a member. */
  members: string[];
  memberCount: number;
  isMember: boolean;
  archived: boolean;
  /** ts of the newest message in the channel (not of replies); absent where there is none. */
  lastTs?: string;
  /** The persona has read up to here; `0` where it has read nothing. */
  readTs: string;
  /** Messages (not replies) of others after `readTs`; 1000 stands for more, too. */
  unread: number;
  /** Messages and replies after `readTs` that mention the persona; in direct messages every unread one. */
  mentions: number;
  /** There are older messages than those in the store; ask for them with `more`. */
  older: boolean;
}

/** A reaction and who gave it. */
export interface Reaction {
  /** Without colons. */
  name: string;
  users: string[];
}

/** A message as it stands now. Deleted ones leave the store. */
export interface MessageEntity {
  channel: string;
  ts: string;
  /** Of the thread's root; a root has none. */
  threadTs?: string;
  /** A reply that also shows in the channel. */
  broadcast: boolean;
  /** Id of the author. */
  user: string;
  /** Where the app wrote it. */
  botId?: string;
  /** Slack's own words, as those about a command that failed; `user` is USLACKBOT, who is no person of the store. */
  fromSlackbot: boolean;
  text: string;
  /** Blocks as sent, with ids where they had none. */
  blocks: Json[];
  attachments: Json[];
  /** Ids of files. */
  files: string[];
  /** ts of the last edit that shows as "(edited)". */
  edited?: string;
  /** Only the persona sees it. */
  ephemeral: boolean;
  /** Counts for roots; 0 elsewhere. */
  replyCount: number;
  lastReplyTs?: string;
  /** Who replied, each once, in order. */
  replyUsers: string[];
  reactions: Reaction[];
}

/** An uploaded file. */
export interface FileEntity {
  id: string;
  name: string;
  title: string;
  altText: string;
  mimetype: string;
  size: number;
  user: string;
  /** Where this persona gets it: a path on the chat server. */
  url: string;
}

/** block_id → action_id → value, as in `state.values` of interaction payloads. */
export type StateValues = Record<string, Record<string, Json>>;

/** A modal of the persona, or its Home tab. */
export interface ViewEntity {
  id: string;
  type: 'modal' | 'home';
  callbackId: string;
  title?: Json;
  submit?: Json;
  close?: Json;
  blocks: Json[];
  notifyOnClose: boolean;
  clearOnClose: boolean;
  /** Changes with each update. */
  hash: string;
  /** 0: the root. The deepest shows. */
  depth: number;
  values: StateValues;
  /** Errors under fields from the last submission: block_id → text. */
  errors: Record<string, string>;
}

/** One line of what went over the wire. Sent only to pages that asked for it (`watch`). */
export interface TrafficEntity {
  /** Counts up from 1. */
  n: number;
  /** Epoch milliseconds. */
  at: number;
  from: 'app' | 'server';
  /** `failure`: an envelope came to nothing; `name` says how (`operation_timeout`). */
  kind: 'api' | 'envelope' | 'ack' | 'failure' | 'response_url' | 'socket' | 'upload' | 'trouble';
  /** API method, envelope type, or what happened. */
  name: string;
  sent?: unknown;
  answer?: unknown;
  status?: number;
  envelopeId?: string;
  /** Which socket, counting from 1; 0 over HTTP. */
  socket?: number;
  ms?: number;
  /** `sent` or `answer` was too long and is left out. */
  cut?: true;
}

/** For the panel of troubles. */
export interface TroubleEntity {
  active: ActiveTrouble[];
}

/** For the inspector's button: how much went over the wire so far. */
export interface TrafficCountEntity {
  count: number;
  /** API calls answered with an error, envelopes not acked in time. */
  failed: number;
}

/** The store: what stands under which key. */
export interface Entities {
  /** The persona. */
  me: PersonEntity;
  workspace: WorkspaceEntity;
  completion?: CompletionEntity;
  /** The Home tab as last published for the persona; absent before. */
  home?: ViewEntity;
  trouble: TroubleEntity;
  'traffic-count': TrafficCountEntity;
  [person: `person:${string}`]: PersonEntity;
  [group: `group:${string}`]: GroupEntity;
  /** By the command with its slash: `command:/vm`. */
  [command: `command:${string}`]: CommandEntity;
  [shortcut: `shortcut:${string}`]: ShortcutEntity;
  [channel: `channel:${string}`]: ChannelEntity;
  /** `message:CHANNEL:TS` */
  [message: `message:${string}`]: MessageEntity;
  /** `state:CHANNEL:TS`: what the persona has chosen in a message's elements; absent where nothing. */
  [state: `state:${string}`]: StateValues;
  [file: `file:${string}`]: FileEntity;
  /** Modals only. */
  [view: `view:${string}`]: ViewEntity;
  /** The last 300, by n. */
  [traffic: `traffic:${string}`]: TrafficEntity;
}

/** From server to page: what has changed. The first one holds everything. */
export interface Patch {
  set: Partial<Entities>;
  /** Keys that are gone. */
  del: string[];
  /** The server's clock, epoch milliseconds. */
  at: number;
}

/** From page to server, over the WebSocket. Unknown ones are ignored. */
export type PageMessage =
  /** Whether to send `traffic:N`; not at first. */
  | { type: 'watch'; traffic: boolean }
  /** Older messages of a channel: some hundred more. At first come the newest sixty, and their threads whole. */
  | { type: 'more'; channel: string };

/** The answer of `GET /ui/state?as=NAME`; with `&traffic=1` also what went over the wire. All messages, however old. */
export interface StateAnswer {
  at: number;
  entities: Entities;
}
