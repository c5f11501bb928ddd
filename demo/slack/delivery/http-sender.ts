import { createHmac } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { type Json, parseJson } from '../json.ts';

/** What sending over HTTP came to. */
export type HttpResult =
  | { ok: true; response: unknown }
  | { ok: false; error: 'http_client_error' | 'http_service_error' | 'dispatch_failed' };

/** Slack's v0 signature of a request body. */
const signature = (secret: string, timestamp: number, body: string): string =>
  `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex')}`;

const form = (fields: Json): string =>
  new URLSearchParams(
    Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, String(value)])),
  ).toString();

/** How a payload of a kind is written: commands as a form, interactions as a form with `payload`, events as JSON. */
const encode = (kind: string, payload: Json): { body: string; type: string } => {
  if (kind === 'events_api') return { body: JSON.stringify(payload), type: 'application/json' };
  const fields = kind === 'slash_commands' ? payload : { payload: JSON.stringify(payload) };
  return { body: form(fields), type: 'application/x-www-form-urlencoded' };
};

/** Posts a signed payload to the app's request URL. The answer's body is its ack; plain text is `{ text }`. */
export const sendOverHttp = async (
  { url, secret, clock, retry }: { url: string; secret: string; clock: Clock; retry?: { num: number; reason: string } },
  kind: string,
  payload: Json,
): Promise<HttpResult> => {
  const { body, type } = encode(kind, payload);
  const timestamp = Math.floor(clock.now() / 1000);
  try {
    const answer = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': type,
        'user-agent': 'Slackbot 1.0 (+https://api.slack.com/robots)',
        'x-slack-request-timestamp': String(timestamp),
        'x-slack-signature': signature(secret, timestamp, body),
        ...(retry ? { 'x-slack-retry-num': String(retry.num), 'x-slack-retry-reason': retry.reason } : {}),
      },
      body,
      // an app that never answers is given up by the ack's own deadline; this only frees the connection
      signal: AbortSignal.timeout(30_000),
    });
    const text = await answer.text();
    if (!answer.ok) return { ok: false, error: answer.status < 500 ? 'http_client_error' : 'http_service_error' };
    if (text === '') return { ok: true, response: {} };
    const isJsonBody = (answer.headers.get('content-type') ?? '').includes('json');
    return { ok: true, response: isJsonBody ? parseJson(text) : { text } };
  } catch {
    return { ok: false, error: 'dispatch_failed' };
  }
};
