import { randomUUID } from 'node:crypto';
import type { Bus } from '../bus.ts';
import type { Clock } from '../clock.ts';
import type { Json } from '../json.ts';
import type { Traffic } from '../traffic.ts';
import type { TroubleState } from '../trouble.ts';
import { sendOverHttp } from './http-sender.ts';
import type { SocketHub } from './socket-hub.ts';

/** The app must ack within this time. */
const ACK_MS = 3000;
/** When an event that wasn't acked is sent again: at once, after a minute, after five. */
const RETRY_MS = [0, 60_000, 300_000];

/** How long late acks are still told apart from unknown ones. */
const FORGET_MS = 600_000;

/** The three kinds of envelope. */
type Kind = 'slash_commands' | 'interactive' | 'events_api';

/** What became of something sent to the app. */
export interface Receipt {
  /** The envelope's id. */
  id: string;
  kind: Kind;
  payload: Json;
  /** Epoch milliseconds. */
  sentAt: number;
  /**
   * `acked` in time; else the code that Slack shows: `operation_timeout` without an ack in 3 s, `dispatch_failed`
   * without a socket or server, `http_client_error` and `http_service_error` for a bad answer. `not_sent`: the client
   * kept it back (a required field is empty, a confirm dialog was dismissed).
   */
  outcome: 'acked' | 'operation_timeout' | 'dispatch_failed' | 'http_client_error' | 'http_service_error' | 'not_sent';
  /** Milliseconds from envelope to ack, also of an ack that came too late. */
  ackMs?: number;
  /** What the ack carried; undefined where it came too late. */
  response?: unknown;
}

/** Brings payloads to the app, over sockets or HTTP. */
export interface Delivery {
  /** Sends once and waits for the ack. */
  send(kind: Kind, payload: Json, retry?: { num: number; reason: string }): Promise<Receipt>;
  /** Sends an event, and again while it isn't acked. Resolves with the first receipt. */
  sendEvent(payload: Json): Promise<Receipt>;
  /** To be told by the hub. */
  acked(envelopeId: string, payload: unknown, socket: number): void;
  gone(socket: number): void;
}

interface Pending {
  receipt: Receipt;
  settle(outcome: Receipt['outcome'], response?: unknown): void;
  socket: number;
  open: boolean;
}

/** What delivery needs from the rest of the server. */
export interface DeliveryNeeds {
  clock: Clock;
  bus: Bus;
  traffic: Traffic;
  trouble: () => TroubleState;
  hub: () => SocketHub;
  signingSecret: string;
  /** Where requests go; undefined in Socket Mode. */
  requestUrl: () => string | undefined;
}

/** Makes the delivery. */
export const createDelivery = ({ clock, bus, traffic, ...needs }: DeliveryNeeds): Delivery => {
  const pending = new Map<string, Pending>();

  const acked = (id: string, response: unknown, socket: number): void => {
    const waiting = pending.get(id);
    const ms = waiting && clock.now() - waiting.receipt.sentAt;
    const known = waiting && ms !== undefined ? { ms } : {};
    traffic.record({
      from: 'app',
      kind: 'ack',
      name: waiting?.receipt.kind ?? 'unknown envelope',
      sent: response,
      envelopeId: id,
      socket,
      ...known,
    });
    if (!waiting || waiting.receipt.ackMs !== undefined || ms === undefined) return;
    waiting.receipt.ackMs = ms;
    bus.changed();
    waiting.settle('acked', response);
  };

  const dispatch = (kind: Kind, payload: Json, waiting: Pending, retry?: { num: number; reason: string }): void => {
    const id = waiting.receipt.id;
    const url = needs.requestUrl();
    const copies = needs.trouble().takeDuplicate(kind) ? 2 : 1;
    const record = (socket: number): void => {
      traffic.record({ from: 'server', kind: 'envelope', name: kind, sent: payload, envelopeId: id, socket });
    };
    if (needs.trouble().isDown()) {
      waiting.settle('dispatch_failed');
      return;
    }
    if (url !== undefined) {
      const target = { url, secret: needs.signingSecret, clock, ...(retry ? { retry } : {}) };
      for (let copy = 0; copy < copies; copy += 1) {
        record(0);
        void sendOverHttp(target, kind, payload).then((result) => {
          if (result.ok) acked(id, result.response, 0);
          else waiting.settle(result.error);
        });
      }
      return;
    }
    const envelope = {
      envelope_id: id,
      type: kind,
      accepts_response_payload: kind !== 'events_api',
      ...(kind === 'events_api' ? { retry_attempt: retry?.num ?? 0, retry_reason: retry?.reason ?? '' } : {}),
      payload,
    };
    const sent = needs.hub().send(envelope, copies);
    if (!sent) {
      waiting.settle('dispatch_failed');
      return;
    }
    waiting.socket = sent.socket;
    record(sent.socket);
  };

  const send: Delivery['send'] = (kind, given, retry) =>
    new Promise((resolve) => {
      // what was sent stays as it was, however views and messages change later
      const payload = structuredClone(given);
      const receipt: Receipt = { id: randomUUID(), kind, payload, sentAt: clock.now(), outcome: 'operation_timeout' };
      const waiting: Pending = {
        receipt,
        socket: -1,
        open: true,
        settle: (outcome, response) => {
          // an ack after the deadline is noted in ackMs, but the user has seen the failure
          if (!waiting.open) return;
          waiting.open = false;
          callOff();
          receipt.outcome = outcome;
          if (outcome !== 'acked') {
            traffic.record({ from: 'server', kind: 'failure', name: outcome, sent: { kind }, envelopeId: receipt.id });
          }
          if (outcome === 'acked') receipt.response = response;
          bus.changed();
          resolve(receipt);
        },
      };
      pending.set(receipt.id, waiting);
      clock.after(FORGET_MS, () => pending.delete(receipt.id));
      const callOff = clock.after(ACK_MS, () => waiting.settle('operation_timeout'));
      dispatch(kind, payload, waiting, retry);
    });

  const sendEvent = async (payload: Json): Promise<Receipt> => {
    const first = await send('events_api', payload);
    if (first.outcome !== 'acked') retryLater(payload, first, 0);
    return first;
  };
  const retryLater = (payload: Json, last: Receipt, done: number): void => {
    const wait = RETRY_MS[done];
    if (wait === undefined) return;
    const reason = last.outcome === 'operation_timeout' ? 'timeout' : 'http_error';
    const again = async (): Promise<void> => {
      const receipt = await send('events_api', payload, { num: done + 1, reason });
      if (receipt.outcome !== 'acked') retryLater(payload, receipt, done + 1);
    };
    clock.after(wait, () => void again());
  };

  return {
    send,
    sendEvent,
    acked,
    gone: (socket) => {
      // an event on a socket that has gone is sent again at once; commands and clicks are lost, as on Slack
      for (const waiting of pending.values()) {
        if (waiting.open && waiting.socket === socket && waiting.receipt.kind === 'events_api') {
          waiting.settle('dispatch_failed');
        }
      }
    },
  };
};
