import type { Json } from '../json.ts';

/** A member of the workspace; the app's bot is one too. */
export interface User {
  id: string;
  /** The handle without @. */
  name: string;
  realName: string;
  email: string;
  /** IANA name. */
  tz: string;
  /** What they do, as in "lead of team-01"; may be empty. */
  title: string;
  isBot: boolean;
  isAdmin: boolean;
  /** A guest: sees only channels they were asked into. */
  isGuest: boolean;
  deleted: boolean;
}

/** A conversation of any kind. */
export interface Channel {
  id: string;
  /** Without #; empty for direct messages. */
  name: string;
  kind: 'public' | 'private' | 'im' | 'mpim';
  members: Set<string>;
  archived: boolean;
  topic: string;
  /** Epoch milliseconds. */
  created: number;
  /** By ts, oldest first. */
  messages: Map<string, Message>;
}

/** A user group (@devs). */
export interface UserGroup {
  id: string;
  handle: string;
  name: string;
  users: Set<string>;
}

/** What a message says; an edit replaces all of it. */
export interface MessageContent {
  text: string;
  blocks: Json[];
  attachments: Json[];
  metadata?: Json;
  /** Ids of files. */
  files: string[];
}

/** A reaction and who gave it, first come first. */
export interface Reaction {
  /** Without colons. */
  name: string;
  users: string[];
}

/** A message as it stands now, with what it said before. */
export interface Message extends MessageContent {
  channel: string;
  ts: string;
  /** Author. */
  user: string;
  /** Written by the app. */
  fromApp: boolean;
  threadTs?: string;
  /** A reply also shown in the channel. */
  broadcast: boolean;
  edited?: { user: string; ts: string };
  /** Only this user sees it. */
  ephemeralTo?: string;
  /** Author of what Slack itself says. */
  fromSlackbot: boolean;
  /** Replaced as a whole with each change. */
  reactions: Reaction[];
  /** What it said before each edit, oldest first. */
  revisions: MessageContent[];
}

/** A value of one element in a view's or message's state. */
export interface StateValue extends Json {
  type: string;
}

/** block_id → action_id → value. */
export type StateValues = Record<string, Record<string, StateValue>>;

/** A modal or Home view as one user has it. */
export interface View {
  id: string;
  user: string;
  type: 'modal' | 'home';
  title?: Json;
  submit?: Json;
  close?: Json;
  blocks: Json[];
  callbackId: string;
  externalId: string;
  privateMetadata: string;
  clearOnClose: boolean;
  notifyOnClose: boolean;
  /** Changes with each update. */
  hash: string;
  rootViewId: string;
  previousViewId?: string;
  /** What the user has put in so far. */
  values: StateValues;
  /** Errors under fields, from the last submission: block_id → text. */
  errors: Record<string, string>;
}

/** An uploaded file. */
export interface StoredFile {
  id: string;
  name: string;
  title: string;
  altText: string;
  /** As declared before the upload, in bytes. */
  length: number;
  bytes?: Buffer;
  user: string;
  /** Epoch milliseconds. */
  created: number;
  /** Where it was shared; set on completion. */
  channels: string[];
  completed: boolean;
}
