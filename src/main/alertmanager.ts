import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Env, lookUpSecret } from '../config.ts';
import { readAlertmanager } from '../domain/alerts/alertmanager.ts';
import { systemClock } from '../infra/clock.ts';
import { randomIds } from '../infra/ids.ts';
import { takeExternal } from '../operations/alert/external.ts';
import type { Core } from './core.ts';

/** Thousands of alerts, and little enough to hold. */
const MOST_BYTES = 2 * 1024 * 1024;

interface Answer {
  readonly status: number;
  readonly error?: string;
}

/**
 * `POST /alertmanager`, Alertmanager's webhook: 200 when all of it is kept, 401 for a wrong token, 400 with what is wrong with the body,
 * 413 over 2 MiB, 503 where it is to come again. Never rejects.
 */
export async function takeWebhook(
  request: IncomingMessage,
  response: ServerResponse,
  parts: { readonly core: Core; readonly env: Env },
): Promise<void> {
  const { log } = parts.core;
  let answer: Answer;
  try {
    answer = await take(request, parts);
  } catch (error) {
    log.error('a webhook of alertmanager could not be taken', { error });
    answer = { status: 503, error: 'it could not be taken: see the log of hostler' };
  }
  const { status, error } = answer;
  if (error !== undefined) log.warn('a webhook of alertmanager was refused', { status, error });
  response.writeHead(status, {
    'content-type': 'application/json',
    ...(status === 401 ? { 'www-authenticate': 'Bearer' } : {}),
  });
  response.end(`${JSON.stringify(error === undefined ? { ok: true } : { error })}\n`);
}

async function take(
  request: IncomingMessage,
  { core, env }: { readonly core: Core; readonly env: Env },
): Promise<Answer> {
  const ref = core.config().webhooks.alertmanager;
  if (ref === null) return { status: 404, error: 'alerts.alertmanager is not configured' };
  if (request.method !== 'POST') return { status: 405, error: 'expected POST' };
  if (!isToken(request.headers.authorization, lookUpSecret(ref, env).reveal()))
    return { status: 401, error: 'expected Authorization: Bearer and the token of alerts.alertmanager' };
  const text = await bodyOf(request);
  if (text === null) return { status: 413, error: `expected at most ${MOST_BYTES} bytes: set max_alerts` };
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return { status: 400, error: 'the body is no JSON' };
  }
  const read = readAlertmanager(body);
  if (!read.ok) return { status: 400, error: read.faults.join('; ') };
  const deps = { rows: core.rows, settings: core.settings(), clock: systemClock, ids: randomIds() };
  const taken = takeExternal(read.message, deps);
  if (taken.kind === 'full') return { status: 503, error: 'too many alerts fire already: no more are taken' };
  const { truncatedAlerts } = read.message;
  if (truncatedAlerts > 0) core.log.warn('alertmanager left alerts out: raise max_alerts', { truncatedAlerts });
  core.log.info('alertmanager', { receiver: read.message.receiver, firing: taken.firing, resolved: taken.resolved });
  return { status: 200 };
}

/** In a time that doesn't depend on where they differ. */
function isToken(header: string | undefined, token: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  const given = /^Bearer +(\S+) *$/i.exec(header ?? '')?.[1];
  return given !== undefined && timingSafeEqual(digest(given), digest(token));
}

/** Null for more than there may be; the rest of it is read over. */
async function bodyOf(request: IncomingMessage): Promise<string | null> {
  if (Number(request.headers['content-length'] ?? 0) > MOST_BYTES) return null;
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request.iterator({ destroyOnReturn: false })) {
    const bytes = Buffer.from(part);
    size += bytes.length;
    if (size > MOST_BYTES) {
      request.resume();
      return null;
    }
    parts.push(bytes);
  }
  return Buffer.concat(parts).toString('utf8');
}
