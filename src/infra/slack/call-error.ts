import { webApi } from '@slack/bolt';
import { BotError } from '../../domain/error.ts';

/** What a failed call of the Web API means for the one who called. */
export type CallFailure =
  /** Slack wants us to wait. */
  | { readonly kind: 'rate'; readonly waitMs: number }
  /** Slack understood and said no, with its code. */
  | {
      readonly kind: 'refused';
      readonly code: string;
      readonly needed: string | null;
      readonly provided: string | null;
    }
  /** Slack wasn't reached, or was not well: the same call may work later. It may have been carried out. */
  | { readonly kind: 'down'; readonly message: string };

/** Slack's own troubles, answered with `ok: false`: to be tried again. */
const TRANSIENT = [
  'internal_error',
  'fatal_error',
  'service_unavailable',
  'request_timeout',
  'ratelimited',
  'team_added_to_org',
];

/** The tokens are wrong or were taken back: nothing will work until somebody does something. */
export const AUTH_CODES = [
  'invalid_auth',
  'not_authed',
  'account_inactive',
  'token_revoked',
  'token_expired',
  'not_allowed_token_type',
  'no_permission',
  'missing_scope',
  'org_login_required',
  'ekm_access_denied',
];

/** Reads the error that a call of the SDK threw. */
export function callFailure(cause: unknown): CallFailure {
  if (cause instanceof webApi.WebAPIRateLimitedError) return { kind: 'rate', waitMs: cause.retryAfter * 1000 };
  if (cause instanceof webApi.WebAPIPlatformError) {
    const { data } = cause;
    if (TRANSIENT.includes(data.error)) return { kind: 'down', message: data.error };
    return { kind: 'refused', code: data.error, needed: word(data, 'needed'), provided: word(data, 'provided') };
  }
  return { kind: 'down', message: cause instanceof Error ? cause.message : String(cause) };
}

/** The failure in a word or a line. */
export function failureWords(failure: CallFailure): string {
  if (failure.kind === 'rate') return 'rate limited';
  return failure.kind === 'refused' ? failure.code : failure.message;
}

/** A refusal for the person who installs Hostler: what is wrong with a token, and what to do. Null for other failures. */
export function tokenError(failure: CallFailure, variable: 'SLACK_BOT_TOKEN' | 'SLACK_APP_TOKEN'): BotError | null {
  if (failure.kind !== 'refused' || !AUTH_CODES.includes(failure.code)) return null;
  const kind = variable === 'SLACK_BOT_TOKEN' ? 'bot token (xoxb-…)' : 'app-level token (xapp-…)';
  const where =
    variable === 'SLACK_BOT_TOKEN'
      ? 'api.slack.com/apps → your app → OAuth & Permissions'
      : 'api.slack.com/apps → your app → Basic Information → App-Level Tokens';
  if (failure.code === 'missing_scope') {
    return new BotError('invalid_config', `The ${kind} lacks the scope ${failure.needed ?? 'that is needed'}`, {
      hint: `It has ${failure.provided ?? 'others'}. Add the scope at ${where}, install the app anew, and put the new token into ${variable}.`,
    });
  }
  if (failure.code === 'not_allowed_token_type') {
    return new BotError('invalid_config', `${variable} holds a token of another kind`, {
      hint: `Put the ${kind} there: ${where}.`,
    });
  }
  return new BotError('invalid_config', `Slack refused ${variable}: ${failure.code}`, {
    hint: `Put a valid ${kind} there: ${where}.`,
  });
}

function word(data: object, name: string): string | null {
  const value: unknown = Reflect.get(data, name);
  return typeof value === 'string' ? value : null;
}
