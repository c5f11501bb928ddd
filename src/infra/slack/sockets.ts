import type { BotError } from '../../domain/error.ts';
import type { Log } from '../../operations/ports.ts';
import { type CallFailure, callFailure, tokenError } from './call-error.ts';
import { type Envelope, openLink, type SocketLink } from './socket-link.ts';

/** How patient the sockets are, in ms. */
export interface SocketTimes {
  readonly pingMs: number;
  readonly silentMs: number;
  readonly helloMs: number;
  /** A socket that was asked to go is closed by us after so long, if Slack hasn't. */
  readonly drainMs: number;
  /** First and longest wait before another try; jittered. */
  readonly retryMs: readonly [number, number];
}

const SOCKET_TIMES: SocketTimes = {
  pingMs: 3000,
  silentMs: 9000,
  helloMs: 10_000,
  drainMs: 20_000,
  retryMs: [200, 30_000],
};

export interface SocketsOptions {
  /** A fresh address from `apps.connections.open`. Throws what the SDK throws. */
  readonly address: () => Promise<string>;
  readonly onEnvelope: (envelope: Envelope, ack: (payload: unknown) => void) => void;
  readonly log: Log;
  readonly times?: Partial<SocketTimes>;
  /** Two, so that one hears while the other reconnects. */
  readonly count?: number;
}

/** What is known of the connection to Slack. */
export interface SocketHealth {
  readonly open: number;
  readonly wanted: number;
  /** Epoch milliseconds of the last frame on any socket; null before the first. */
  readonly lastHeardAt: number | null;
  /** Why the last try to connect failed; null once it worked. */
  readonly trouble: string | null;
}

export interface Sockets {
  /** Resolves with the first open socket, or after the first try where Slack isn't reached: it goes on trying. Rejects for a bad token. */
  readonly start: () => Promise<void>;
  readonly stop: () => Promise<void>;
  readonly health: () => SocketHealth;
}

/** How long a stop waits for sockets to say goodbye. */
const STOP_MS = 3000;
/** Answers that no other try will change. */
const HOPELESS_WAIT_MS = 60_000;

/**
 * Keeps sockets to Slack open. When Slack asks one to go, the next is opened first and the old one still serves until it is closed,
 * so that nothing falls between; when one is lost, the other hears everything meanwhile (FACTS: @slack/socket-mode waits five
 * seconds with its only socket closed).
 */
export function makeSockets(options: SocketsOptions): Sockets {
  const { log, count = 2 } = options;
  const times = { ...SOCKET_TIMES, ...options.times };
  const links = new Set<SocketLink>();
  const stopping = new AbortController();
  let lastHeardAt: number | null = null;
  let trouble: string | null = null;
  let openFrom = 0;
  let lanes: Promise<void>[] = [];

  // An ack goes over its own socket; where that has gone meanwhile, over another: Slack may still take it.
  const ack = (envelope: Envelope, own: SocketLink, payload: unknown): void => {
    const message = { envelope_id: envelope.id, ...(payload === undefined ? {} : { payload }) };
    if (own.send(message)) return;
    for (const link of links) if (link.send(message)) return;
    log.warn('no socket to ack on', { envelope: envelope.id, type: envelope.type });
  };

  const dial = async (): Promise<SocketLink> => {
    await pause(openFrom - Date.now(), stopping.signal);
    const url = await options.address();
    const link = await openLink({
      url,
      ...times,
      log,
      onEnvelope: (envelope, own) => options.onEnvelope(envelope, (payload) => ack(envelope, own, payload)),
    });
    links.add(link);
    trouble = null;
    void link.closed.then(() => {
      lastHeardAt = Math.max(lastHeardAt ?? 0, link.lastHeardAt());
      links.delete(link);
    });
    return link;
  };

  /** How long until the next try. */
  const failed = (cause: unknown, failures: number): number => {
    const failure = callFailure(cause);
    trouble = failure.kind === 'refused' ? failure.code : failure.kind === 'rate' ? 'rate limited' : failure.message;
    log.warn('no socket to slack', { trouble, failures });
    if (failure.kind === 'rate') {
      // The limit is the app's and so holds for the other socket too.
      openFrom = Math.max(openFrom, Date.now() + failure.waitMs);
      return Math.random() * 1000;
    }
    if (failure.kind === 'refused' || trouble.includes('too_many_websockets')) return jitter(HOPELESS_WAIT_MS);
    return jitter(Math.min(times.retryMs[1], times.retryMs[0] * 2 ** Math.min(failures, 20)));
  };

  const keep = async (first: (cause: unknown) => void): Promise<void> => {
    let failures = 0;
    while (!stopping.signal.aborted) {
      try {
        const link = await dial();
        if (stopping.signal.aborted) return link.close();
        failures = 0;
        first(undefined);
        const { reason, closed } = await link.leaving;
        log.info('slack socket leaves', { reason });
        if (closed) await pause(jitter(times.retryMs[0]), stopping.signal);
        else {
          const timer = setTimeout(() => link.close(), times.drainMs);
          void link.closed.then(() => clearTimeout(timer));
        }
      } catch (cause) {
        first(cause);
        failures += 1;
        await pause(failed(cause, failures), stopping.signal);
      }
    }
  };

  return {
    start: async () => {
      const outcome = await new Promise<unknown>((resolve) => {
        lanes = [keep(resolve)];
      });
      const fatal = fatalError(outcome === undefined ? null : callFailure(outcome));
      if (fatal !== null) {
        stopping.abort();
        throw fatal;
      }
      // The others come after the first, so that Slack doesn't ask all of them to go at the same moment.
      for (let more = 1; more < count; more += 1) lanes.push(keep(() => undefined));
    },
    stop: async () => {
      stopping.abort();
      const open = [...links];
      for (const link of open) link.close();
      // One that is dialling just now sees that it's over when its call returns; that need not be waited for.
      const enough = new AbortController();
      await Promise.race([Promise.all([...open.map((link) => link.closed), ...lanes]), pause(STOP_MS, enough.signal)]);
      enough.abort();
    },
    health: () => ({
      open: [...links].filter((link) => link.isOpen()).length,
      wanted: count,
      lastHeardAt: [...links].reduce<number | null>((at, link) => Math.max(at ?? 0, link.lastHeardAt()), lastHeardAt),
      trouble,
    }),
  };
}

function fatalError(failure: CallFailure | null): BotError | null {
  return failure === null ? null : tokenError(failure, 'SLACK_APP_TOKEN');
}

/** Half to all of it: many that lost their link at once don't come back at once. */
function jitter(ms: number): number {
  return ms * (0.5 + Math.random() / 2);
}

/** Resolves after `ms`, or as soon as the signal is aborted. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (ms <= 0 || signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
  });
}
