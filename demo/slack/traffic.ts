import type { Bus } from './bus.ts';
import type { Clock } from './clock.ts';
import { isJson } from './json.ts';

/** One line of what went over the wire, as the inspector shows it. */
export interface TrafficEntry {
  /** Counts up from 1. */
  n: number;
  /** Epoch milliseconds. */
  at: number;
  /** Who spoke: the app (API call, ack, response_url, socket) or the server (envelope, control message). */
  from: 'app' | 'server';
  /** `failure`: an envelope came to nothing. */
  kind: 'api' | 'envelope' | 'ack' | 'failure' | 'response_url' | 'socket' | 'upload' | 'trouble';
  /** API method, envelope type, what happened to a socket, or how an envelope failed. */
  name: string;
  /** What was sent: arguments without the token, payload of the envelope, answer of the ack. */
  sent?: unknown;
  /** The answer, for API calls. */
  answer?: unknown;
  /** HTTP status of the answer, for API calls. */
  status?: number;
  /** Envelope that this belongs to. */
  envelopeId?: string;
  /** Which socket, counting from 1; 0 over HTTP. */
  socket?: number;
  /** How long it took: answer of an API call, ack after its envelope. */
  ms?: number;
}

/** The log of what went over the wire, oldest first. */
export interface Traffic {
  record(entry: Omit<TrafficEntry, 'n' | 'at'>): TrafficEntry;
  entries(): readonly TrafficEntry[];
  /** The API calls, of one method where named. */
  calls(method?: string): TrafficEntry[];
  /** How much there was since the start, and how much of it failed: calls answered with an error, and failures. */
  counts(): { count: number; failed: number };
  clear(): void;
}

const KEPT = 5000;

const hasFailed = ({ kind, status = 200, answer }: TrafficEntry): boolean =>
  kind === 'failure' || (kind === 'api' && (status >= 400 || (isJson(answer) && answer.ok === false)));

/** Makes an empty log; it keeps the last 5000 entries. */
export const createTraffic = (clock: Clock, bus: Bus): Traffic => {
  let entries: TrafficEntry[] = [];
  let count = 0;
  let failed = 0;
  return {
    record: (entry) => {
      count += 1;
      const full: TrafficEntry = { n: count, at: clock.now(), ...entry };
      entries.push(full);
      if (hasFailed(full)) failed += 1;
      if (entries.length > KEPT * 1.2) entries = entries.slice(-KEPT);
      bus.changed();
      return full;
    },
    entries: () => entries,
    calls: (method) =>
      entries.filter((entry) => entry.kind === 'api' && (method === undefined || entry.name === method)),
    counts: () => ({ count, failed }),
    clear: () => {
      entries = [];
    },
  };
};
