import type { Log } from '../../operations/ports.ts';
import type { Rows } from '../../operations/store.ts';

/** A program that is told of alerts. */
export interface WebhookTarget {
  readonly name: string;
  readonly url: string;
  /** Null for none. Looked up for each post; where it throws, what waits goes on waiting. */
  readonly token: () => string | null;
}

export interface SenderDeps {
  readonly rows: Pick<Rows, 'webhooks'>;
  /** As the configuration has them now. */
  readonly targets: () => readonly WebhookTarget[];
  /** It has failed for a while. May be called again and again. */
  readonly onTrouble: (name: string, why: string) => void;
  readonly log: Log;
  readonly now?: () => number;
}

export interface WebhookSender {
  /** There may be something to send. It also looks by itself, each second. */
  readonly wake: () => void;
  /** Ends after the calls that are under way. */
  readonly stop: () => Promise<void>;
}

const LOOK_MS = 1000;
const TIMEOUT_MS = 15_000;
const RETRY_MS = [1000, 60_000] as const;
/** Half a minute of failures is a trouble. */
const TROUBLE_AFTER = 5;
/** The receiver has read it and will never take it: it may not hold up the others. */
const REFUSED = [400, 413, 422];

/**
 * Posts what waits, in order for each receiver, until the receiver has it. A body comes twice only if its answer was lost: its
 * alerts bear fingerprints.
 */
export function startSender({ rows, targets, onTrouble, log, now = Date.now }: SenderDeps): WebhookSender {
  const busy = new Map<string, Promise<void>>();
  const ending = new AbortController();
  let timer: NodeJS.Timeout | null = null;

  /** The first that waits; true when there may be another to send at once. */
  const sendOne = async (target: WebhookTarget): Promise<boolean> => {
    const post = rows.webhooks.first(target.name);
    if (post === null || post.nextAt > now()) return false;
    const failure = await deliver(target, post.body);
    if (failure === null) {
      rows.webhooks.done(post.id);
      return true;
    }
    if (failure.refused) {
      log.error('a webhook refused a message, which is dropped', { webhook: target.name, why: failure.why });
      rows.webhooks.done(post.id);
      return true;
    }
    const backoff = Math.min(RETRY_MS[1], RETRY_MS[0] * 2 ** Math.min(post.attempts, 16));
    rows.webhooks.later(post.id, now() + Math.round(backoff * (0.5 + Math.random() / 2)), failure.why);
    log.warn('a webhook can’t be reached, messages wait', { webhook: target.name, why: failure.why });
    if (post.attempts + 1 >= TROUBLE_AFTER) onTrouble(target.name, failure.why);
    return false;
  };

  const drain = async (target: WebhookTarget): Promise<void> => {
    while (!ending.signal.aborted && (await sendOne(target)));
  };

  const look = (): void => {
    if (ending.signal.aborted) return;
    if (timer !== null) clearTimeout(timer);
    timer = setTimeout(look, LOOK_MS);
    try {
      const known = targets();
      for (const name of rows.webhooks.waiting().keys()) {
        if (known.some((target) => target.name === name)) continue;
        log.warn('a webhook is no more: what waited for it is dropped', {
          webhook: name,
          count: rows.webhooks.drop(name),
        });
      }
      for (const target of known) {
        if (busy.has(target.name)) continue;
        const done = drain(target)
          .catch((error: unknown) => log.error('a webhook failed', { webhook: target.name, error }))
          .finally(() => busy.delete(target.name));
        busy.set(target.name, done);
      }
    } catch (error) {
      log.error('the webhooks can’t be looked at', { error });
    }
  };
  look();

  return {
    wake: look,
    stop: async () => {
      ending.abort();
      if (timer !== null) clearTimeout(timer);
      await Promise.all(busy.values());
    },
  };
}

/** Null when the receiver has it. */
async function deliver(
  { url, token }: WebhookTarget,
  body: string,
): Promise<{ readonly refused: boolean; readonly why: string } | null> {
  try {
    const bearer = token();
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'user-agent': 'hostler',
        ...(bearer === null ? {} : { authorization: `Bearer ${bearer}` }),
      },
      body,
      // Another address would get the token.
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    await response.body?.cancel();
    return response.ok ? null : { refused: REFUSED.includes(response.status), why: `HTTP ${response.status}` };
  } catch (cause) {
    return { refused: false, why: wordsOf(cause) };
  }
}

/** fetch hides why behind `fetch failed`. */
function wordsOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const { cause: inner } = cause;
  return inner instanceof Error && inner.message !== '' ? inner.message : cause.message;
}
