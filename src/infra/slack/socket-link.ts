import WebSocket from 'ws';
import { z } from 'zod';
import type { Log } from '../../operations/ports.ts';

/** Something that Slack sent and wants acked. */
export interface Envelope {
  readonly id: string;
  /** `slash_commands`, `interactive`, `events_api`. */
  readonly type: string;
  readonly body: Record<string, unknown>;
  readonly retryNum: number | undefined;
  readonly retryReason: string | undefined;
}

/** Why a link should make room, or has gone: Slack's word (`refresh_requested`, `warning`, `too_many_websockets`, …), or ours. */
export type Leaving = { readonly reason: string; readonly closed: boolean };

/** One socket to Slack, from hello to close. */
export interface SocketLink {
  /** Resolves when Slack asks it to go or it is gone, whichever comes first. It may go on receiving until `close`. */
  readonly leaving: Promise<Leaving>;
  readonly closed: Promise<void>;
  readonly isOpen: () => boolean;
  /** Epoch milliseconds of the last frame of any kind. */
  readonly lastHeardAt: () => number;
  /** False where the socket is no more open. */
  readonly send: (message: unknown) => boolean;
  /** A goodbye, then the end; at once with `now`. */
  readonly close: (now?: boolean) => void;
}

export interface LinkOptions {
  readonly url: string;
  readonly onEnvelope: (envelope: Envelope, link: SocketLink) => void;
  /** How often we ping, ms. */
  readonly pingMs: number;
  /** Without any frame for so long the link counts as dead, ms. */
  readonly silentMs: number;
  /** From dialling to hello, ms. */
  readonly helloMs: number;
  readonly log: Log;
}

const Frame = z.looseObject({
  type: z.string().optional(),
  reason: z.string().optional(),
  envelope_id: z.string().optional(),
  payload: z.record(z.string(), z.unknown()).optional(),
  retry_attempt: z.number().optional(),
  retry_reason: z.string().optional(),
});

const GOODBYE_MS = 2000;

/** Dials and waits for Slack's hello. Rejects when the socket fails, is refused, or says nothing. */
export function openLink(options: LinkOptions): Promise<SocketLink> {
  const { url, onEnvelope, pingMs, silentMs, helloMs, log } = options;
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, { handshakeTimeout: helloMs, perMessageDeflate: false });
    let heardAt = Date.now();
    let lastTick = Date.now();
    let greeted = false;
    const leaving = signal<Leaving>();
    const closed = signal<undefined>();
    const heard = (): void => {
      heardAt = Date.now();
    };
    const link: SocketLink = {
      leaving: leaving.promise,
      closed: closed.promise,
      isOpen: () => socket.readyState === WebSocket.OPEN,
      lastHeardAt: () => heardAt,
      send: (message) => {
        if (socket.readyState !== WebSocket.OPEN) return false;
        socket.send(JSON.stringify(message));
        return true;
      },
      close: (now = false) => {
        if (now) socket.terminate();
        else {
          socket.close(1000);
          setTimeout(() => socket.terminate(), GOODBYE_MS).unref();
        }
      },
    };
    const hello = setTimeout(() => {
      reject(new Error(`no hello within ${helloMs} ms`));
      socket.terminate();
    }, helloMs);
    // A half-open connection looks healthy until one asks: silence in spite of our pings means that it is dead.
    const watchdog = setInterval(() => {
      const late = Date.now() - lastTick - pingMs;
      lastTick = Date.now();
      // When this process itself stood still, frames may lie unread: look again next time.
      if (late < pingMs && Date.now() - heardAt > silentMs) {
        log.warn('slack socket silent, cutting it', { silentMs: Date.now() - heardAt });
        socket.terminate();
      } else if (socket.readyState === WebSocket.OPEN) socket.ping();
    }, pingMs);

    socket.on('ping', heard);
    socket.on('pong', heard);
    socket.on('message', (data) => {
      heard();
      const frame = Frame.safeParse(parse(data.toString()));
      if (!frame.success) return log.warn('slack sent a frame that is no JSON object');
      const { type, reason, envelope_id: id, payload } = frame.data;
      if (id !== undefined) {
        onEnvelope(
          {
            id,
            type: type ?? '',
            body: payload ?? {},
            retryNum: frame.data.retry_attempt,
            retryReason: frame.data.retry_reason,
          },
          link,
        );
      } else if (type === 'hello') {
        clearTimeout(hello);
        greeted = true;
        resolve(link);
      } else if (type === 'disconnect') {
        leaving.settle({ reason: reason ?? 'disconnect', closed: false });
        reject(new Error(`Slack refused the socket: ${reason ?? 'disconnect'}`));
        if (!greeted) socket.terminate();
      }
    });
    socket.on('error', (cause) => {
      reject(cause);
      log.debug('slack socket error', { cause: cause.message });
    });
    socket.on('close', (code) => {
      clearInterval(watchdog);
      clearTimeout(hello);
      leaving.settle({ reason: `closed (${code})`, closed: true });
      closed.settle(undefined);
      reject(new Error(`the socket was closed (${code})`));
    });
  });
}

function signal<T>(): { readonly promise: Promise<T>; readonly settle: (value: T) => void } {
  let settle: (value: T) => void = () => undefined;
  const promise = new Promise<T>((resolve) => {
    settle = resolve;
  });
  return { promise, settle };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
