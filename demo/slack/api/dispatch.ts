import type { Json } from '../json.ts';
import type { World } from '../world.ts';
import { authMethods } from './auth.ts';
import { chatMethods } from './chat.ts';
import { conversationMethods } from './conversations.ts';
import { fileMethods } from './files.ts';
import { type Method, needScope, SlackError, textArg } from './method.ts';
import type { RateLimiter } from './rate-limits.ts';
import { reactionMethods } from './reactions.ts';
import { userGroupMethods } from './usergroups.ts';
import { userMethods } from './users.ts';
import { viewMethods } from './views.ts';

const METHODS: Record<string, Method> = {
  ...authMethods,
  ...chatMethods,
  ...conversationMethods,
  ...fileMethods,
  ...reactionMethods,
  ...userMethods,
  ...userGroupMethods,
  ...viewMethods,
};

/** What goes back to the caller. */
export interface ApiAnswer {
  status: number;
  headers: Record<string, string>;
  body: Json;
}

const checkToken = ({ app }: World, method: Method, token: string | undefined): void => {
  if (token === undefined || token === '') throw new SlackError('not_authed');
  const wanted = method.token ?? 'bot';
  if (token !== app.botToken && token !== app.appToken) throw new SlackError('invalid_auth');
  if (token !== (wanted === 'bot' ? app.botToken : app.appToken)) throw new SlackError('not_allowed_token_type');
};

/** Carries out one API call: token, rate, scope, then the method itself. */
export const callMethod = (
  world: World,
  limiter: RateLimiter | undefined,
  name: string,
  token: string | undefined,
  args: Json,
): ApiAnswer => {
  const method = METHODS[name];
  const scopes = token === world.app.appToken ? 'connections:write' : [...world.app.scopes].join(',');
  const headers: Record<string, string> = { 'x-oauth-scopes': scopes };
  if (method?.scope !== undefined) headers['x-accepted-oauth-scopes'] = method.scope;
  try {
    if (!method) throw new SlackError('unknown_method', { req_method: name });
    checkToken(world, method, token);
    const wait = limiter?.(name, method.tier, textArg(args, 'channel') ?? '') ?? 0;
    if (wait > 0) {
      return { status: 429, headers: { 'retry-after': String(wait) }, body: { ok: false, error: 'ratelimited' } };
    }
    if (method.scope !== undefined) needScope(world, method.scope);
    return { status: 200, headers, body: { ok: true, ...method.run({ world, args }) } };
  } catch (cause) {
    if (!(cause instanceof SlackError)) throw cause;
    return { status: 200, headers, body: { ok: false, error: cause.code, ...cause.more } };
  }
};
