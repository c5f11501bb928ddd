import { asText, isJson, type Json, parseJson } from '../json.ts';
import type { Channel } from '../model/types.ts';
import type { World } from '../world.ts';

/** Slack's rate-limit tiers; `post` is one message a second a channel, `special` hardly limited. */
export type Tier = 1 | 2 | 3 | 4 | 'post' | 'special';

/** One call of a method, after token and scopes were found good. */
export interface Call {
  world: World;
  args: Json;
}

/** A Web API method. */
export interface Method {
  tier: Tier;
  /** Scope of the bot token that is needed in any case. */
  scope?: string;
  /** Which token it takes; the bot's by default. */
  token?: 'bot' | 'app';
  /** Gives the answer without `ok`; throws SlackError. */
  run(call: Call): Json;
}

/** An answer with `ok: false`. */
export class SlackError extends Error {
  readonly code: string;
  readonly more: Json;
  constructor(code: string, more: Json = {}) {
    super(code);
    this.name = 'SlackError';
    this.code = code;
    this.more = more;
  }
}

/** invalid_arguments with Slack's way of saying why. */
export const invalidArguments = (...messages: string[]): SlackError =>
  new SlackError('invalid_arguments', { response_metadata: { messages: messages.map((one) => `[ERROR] ${one}`) } });

/** A text argument; numbers and booleans count as their text. Undefined where absent or empty. */
export const textArg = (args: Json, name: string): string | undefined => {
  const value = args[name];
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return asText(value) || undefined;
};

/** A text argument that must be there. */
export const needText = (args: Json, name: string): string => {
  const value = textArg(args, name);
  if (value === undefined) throw invalidArguments(`missing required field: ${name}`);
  return value;
};

/** An argument that is JSON, given as such or as its text (form encoding). Undefined where absent. */
export const jsonArg = (args: Json, name: string): unknown => {
  const value = args[name];
  if (value === undefined || value === null || value === '') return undefined;
  return typeof value === 'string' ? (parseJson(value) ?? value) : value;
};

/** A flag argument. */
export const flagArg = (args: Json, name: string): boolean => ['true', '1'].includes(textArg(args, name) ?? '');

/** Refuses a call whose token lacks a scope. */
export const needScope = ({ app }: Pick<World, 'app'>, scope: string): void => {
  if (!app.scopes.has(scope)) {
    throw new SlackError('missing_scope', { needed: scope, provided: [...app.scopes].join(',') });
  }
};

/** Whether the app may know of a conversation: public ones, and those it is in. */
export const isVisible = ({ app }: Pick<World, 'app'>, channel: Channel): boolean =>
  channel.kind === 'public' || channel.members.has(app.botUserId);

/** The conversation with this id; channel_not_found where there is none or the app can't see it. */
export const channelById = (world: World, id: string): Channel => {
  const channel = world.workspace.channels.get(id);
  if (!channel || !isVisible(world, channel)) throw new SlackError('channel_not_found');
  return channel;
};

/** One page of a list, by `limit` and `cursor`. */
export const page = <T>(items: readonly T[], args: Json): { items: T[]; next: string } => {
  const limit = Math.min(Number(textArg(args, 'limit') ?? 1000) || 1000, 1000);
  const cursor = textArg(args, 'cursor');
  const start = cursor === undefined ? 0 : Number(Buffer.from(cursor, 'base64').toString().replace('at:', ''));
  if (!Number.isInteger(start) || start < 0) throw new SlackError('invalid_cursor');
  const end = start + limit;
  return {
    items: items.slice(start, end),
    next: end < items.length ? Buffer.from(`at:${end}`).toString('base64') : '',
  };
};

/** A JSON argument that must be an object. */
export const needObject = (args: Json, name: string): Json => {
  const value = jsonArg(args, name);
  if (value === undefined) throw invalidArguments(`missing required field: ${name}`);
  if (!isJson(value)) throw invalidArguments(`must be an object [json-pointer:/${name}]`);
  return value;
};
