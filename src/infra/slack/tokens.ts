import { webApi } from '@slack/bolt';
import { BotError } from '../../domain/error.ts';
import type { Settings } from '../../domain/settings.ts';
import type { CheckLine } from '../../operations/ports.ts';
import { callFailure, failureWords, tokenError } from './call-error.ts';
import { makeChannels } from './channels.ts';
import { quietLogger } from './logger.ts';

/** What lets Hostler into Slack. From the environment, and nowhere else. */
export interface SlackTokens {
  /** `xoxb-…` */
  readonly bot: string;
  /** `xapp-…`: Socket Mode. Null: HTTP. */
  readonly app: string | null;
  /** HTTP only. */
  readonly signingSecret: string | null;
  /** Where Slack's API is, with a slash at the end; null for Slack's own. */
  readonly apiUrl: string | null;
}

/** What the bot token must be allowed. `users:read` and `users:read.email` stand in the manifest for what comes. */
const SCOPES = ['commands', 'chat:write', 'files:write', 'im:write', 'channels:read', 'groups:read'] as const;
const CALL_MS = 10_000;
const NO_BOT_TOKEN = {
  what: 'SLACK_BOT_TOKEN is not set',
  hint: 'Set it to the bot token (xoxb-…) of the installed app: api.slack.com/apps → your app → OAuth & Permissions.',
};

/** The Web API without the SDK's own retries and queueing: Hostler has its own. */
export function slackClient(token: string, apiUrl: string | null): webApi.WebClient {
  return new webApi.WebClient(token, clientOptions(apiUrl));
}

export function clientOptions(apiUrl: string | null): webApi.WebClientOptions {
  return {
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout: CALL_MS,
    logger: quietLogger,
    ...(apiUrl === null ? {} : { slackApiUrl: apiUrl }),
  };
}

/** Whose token it is. */
export interface BotIdentity {
  readonly team: string;
  readonly botId: string;
  readonly botUserId: string;
}

/** Asks Slack whose bot token that is. Throws BotError for a wrong token or missing scopes; null where Slack isn't reached. */
export async function identify(tokens: SlackTokens, settings: Settings): Promise<BotIdentity | null> {
  if (tokens.bot === '') throw new BotError('invalid_config', NO_BOT_TOKEN.what, { hint: NO_BOT_TOKEN.hint });
  try {
    const { identity, scopes } = await authTest(tokens);
    const missing = missingScopes(scopes, settings);
    if (missing.length === 0) return identity;
    throw new BotError('invalid_config', `The bot token lacks the scopes ${missing.join(', ')}`, { hint: scopeHint() });
  } catch (cause) {
    if (cause instanceof BotError) throw cause;
    const wrong = tokenError(callFailure(cause), 'SLACK_BOT_TOKEN');
    if (wrong !== null) throw wrong;
    return null;
  }
}

/** For `hostler check`: tokens, scopes, and the channels that the configuration names. Never throws. */
export async function checkSlack(tokens: SlackTokens, settings: Settings): Promise<readonly CheckLine[]> {
  return [...(await checkBot(tokens, settings)), ...(await checkWayIn(tokens))];
}

async function checkBot(tokens: SlackTokens, settings: Settings): Promise<CheckLine[]> {
  if (tokens.bot === '') return [bad(NO_BOT_TOKEN.what, NO_BOT_TOKEN.hint)];
  try {
    const { identity, scopes } = await authTest(tokens);
    const missing = missingScopes(scopes, settings);
    return [
      good(`the bot token works in ${identity.team}`),
      ...(missing.length === 0
        ? [good('it has the scopes that it needs')]
        : missing.map((scope) => bad(`it lacks the scope ${scope}`, scopeHint()))),
      ...(missing.length === 0 ? await checkChannels(tokens, settings) : []),
    ];
  } catch (cause) {
    return [failed('the bot token', cause, 'SLACK_BOT_TOKEN')];
  }
}

async function checkChannels(tokens: SlackTokens, settings: Settings): Promise<CheckLine[]> {
  const channels = makeChannels(slackClient(tokens.bot, tokens.apiUrl));
  const wanted = [...settings.teams.map(({ channel }) => channel), settings.channels.admin, settings.channels.audit];
  const lines: CheckLine[] = [];
  for (const channel of new Set(wanted)) {
    if (channel === null) continue;
    const id = await channels.idOf(channel);
    const isIn = !id.startsWith('#') && (await channels.has(id));
    const name = channel.replace(/^#/, '');
    lines.push(
      isIn
        ? good(`Hostler is in #${name}`)
        : bad(`Hostler is not in #${name}`, `Type /invite @hostler there, or correct the channel's name.`),
    );
  }
  return lines;
}

async function checkWayIn({ app, apiUrl, signingSecret }: SlackTokens): Promise<CheckLine[]> {
  if (app === null) {
    return signingSecret === null
      ? [
          bad(
            'neither SLACK_APP_TOKEN nor SLACK_SIGNING_SECRET is set',
            'Set the first for Socket Mode, the second for HTTP.',
          ),
        ]
      : [good('Slack comes over HTTP, with signatures')];
  }
  try {
    await slackClient(app, apiUrl).apps.connections.open({});
    return [good('the app-level token opens sockets')];
  } catch (cause) {
    return [failed('the app-level token', cause, 'SLACK_APP_TOKEN')];
  }
}

async function authTest(tokens: SlackTokens): Promise<{ identity: BotIdentity; scopes: readonly string[] }> {
  const answer = await slackClient(tokens.bot, tokens.apiUrl).auth.test({});
  return {
    identity: { team: answer.team ?? '', botId: answer.bot_id ?? '', botUserId: answer.user_id ?? '' },
    scopes: answer.response_metadata?.scopes ?? [],
  };
}

function missingScopes(scopes: readonly string[], { teams }: Settings): string[] {
  const byGroup = teams.some(({ memberSource }) => memberSource.kind === 'user-group');
  return [...SCOPES, ...(byGroup ? ['usergroups:read'] : [])].filter((scope) => !scopes.includes(scope));
}

function scopeHint(): string {
  return 'Give the app our manifest.yml at api.slack.com/apps → your app → App Manifest, and install it anew.';
}

function failed(what: string, cause: unknown, variable: 'SLACK_BOT_TOKEN' | 'SLACK_APP_TOKEN'): CheckLine {
  const failure = callFailure(cause);
  const wrong = tokenError(failure, variable);
  if (wrong !== null) return bad(wrong.message, wrong.hint ?? '');
  return bad(
    `${what} could not be tried: ${failureWords(failure)}`,
    'See that this machine reaches slack.com, or SLACK_API_URL.',
  );
}

function good(what: string): CheckLine {
  return { ok: true, what, hint: null };
}

function bad(what: string, hint: string): CheckLine {
  return { ok: false, what, hint };
}
