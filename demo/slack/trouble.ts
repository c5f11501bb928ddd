import type { Bus } from './bus.ts';
import type { Traffic } from './traffic.ts';

/** How one API call is to go wrong. */
export interface CallTrouble {
  /** HTTP status; 429 brings `ratelimited` and Retry-After, 5xx a body that is no JSON. */
  status?: number;
  /** Seconds, for 429. */
  retryAfter?: number;
  /** Slack error code in a 200 answer. */
  error?: string;
  /** The call is carried out, then the connection is cut: the answer is lost. */
  lost?: boolean;
  /** The connection is cut before anything is done. */
  cut?: boolean;
  /** Milliseconds to wait first. */
  delay?: number;
  /** How many calls; 1 by default, Infinity until cleared. */
  times?: number;
}

/** A trouble that is at work, or waits for what it is meant for. */
export type Planned = { id: string; left: number } & (
  | { kind: 'call'; method: string; how: CallTrouble }
  | { kind: 'duplicate'; envelope: string | undefined }
  | { kind: 'down' }
  | { kind: 'slow'; ms: number }
);

/** What can be made to go wrong. */
export interface Trouble {
  /** The next call of this method (`*`: of any) fares so. */
  next(method: string, how: CallTrouble): void;
  /** Slack is down: API calls and sockets are cut, until told otherwise. */
  down(on: boolean): void;
  /** Cuts all sockets without a goodbye. Gives how many. */
  dropSockets(): number;
  /**
   * Asks one socket (the oldest) to make room for a new one, as Slack does every few hours, and closes it `closeAfter`
   * ms later (10 s by default) if the client hasn't. Gives whether there was one.
   */
  refresh(options?: { reason?: 'refresh_requested' | 'warning'; closeAfter?: number }): boolean;
  /**
   * The next envelope (of a kind, where given) is delivered twice, on two sockets where there are two; `times`: so many,
   * Infinity until cleared.
   */
  duplicate(kind?: string, times?: number): void;
  /** Each API answer takes this many milliseconds longer; 0 ends it. */
  slow(ms: number): void;
  /** What is at work or waits, oldest first. */
  active(): readonly Planned[];
  /** Ends one, or without an id all. Gives how many it were. */
  clear(id?: string): number;
}

/** The server's side of it. */
export interface TroubleState {
  isDown(): boolean;
  slowness(): number;
  /** Takes what was planned for this call. */
  takeCall(method: string): CallTrouble | undefined;
  /** Takes the wish for a double delivery. */
  takeDuplicate(kind: string): boolean;
}

/** What trouble does to the sockets. */
interface SocketControl {
  drop(): number;
  refresh(reason: 'refresh_requested' | 'warning', closeAfter: number): boolean;
}

/** Makes the means of injecting trouble. */
export const createTrouble = (traffic: Traffic, bus: Bus, sockets: () => SocketControl): Trouble & TroubleState => {
  let planned: readonly Planned[] = [];
  let count = 0;
  const note = (name: string, sent?: unknown): void => {
    traffic.record({ from: 'server', kind: 'trouble', name, sent });
  };
  const id = (): string => {
    count += 1;
    return `t${count}`;
  };
  const change = (next: readonly Planned[]): void => {
    planned = next;
    bus.changed();
  };
  const without = (kind: Planned['kind']): Planned[] => planned.filter((plan) => plan.kind !== kind);
  const use = <P extends Planned>(fits: (plan: Planned) => plan is P): P | undefined => {
    const found = planned.find(fits);
    if (!found) return undefined;
    found.left -= 1;
    change(planned.filter((plan) => plan.left > 0));
    return found;
  };
  return {
    next: (method, how) => {
      note(`next ${method}`, how);
      change([...planned, { id: id(), kind: 'call', method, how, left: how.times ?? 1 }]);
    },
    down: (on) => {
      note(on ? 'down' : 'up');
      const others = without('down');
      change(on ? [...others, { id: id(), kind: 'down', left: Infinity }] : others);
      if (on) sockets().drop();
    },
    dropSockets: () => {
      note('drop sockets');
      return sockets().drop();
    },
    refresh: ({ reason = 'refresh_requested', closeAfter = 10_000 } = {}) => {
      note('refresh', { reason, closeAfter });
      return sockets().refresh(reason, closeAfter);
    },
    duplicate: (envelope, times = 1) => {
      note('duplicate', { kind: envelope, times });
      change([...planned, { id: id(), kind: 'duplicate', envelope, left: times }]);
    },
    slow: (ms) => {
      note('slow', { ms });
      const others = without('slow');
      change(ms > 0 ? [...others, { id: id(), kind: 'slow', ms, left: Infinity }] : others);
    },
    active: () => planned,
    clear: (which) => {
      const before = planned.length;
      note('clear', { id: which });
      change(which === undefined ? [] : planned.filter((plan) => plan.id !== which));
      return before - planned.length;
    },
    isDown: () => planned.some((plan) => plan.kind === 'down'),
    slowness: () => planned.reduce((sum, plan) => (plan.kind === 'slow' ? sum + plan.ms : sum), 0),
    takeCall: (method) =>
      use(
        (plan): plan is Planned & { kind: 'call' } =>
          plan.kind === 'call' && (plan.method === method || plan.method === '*'),
      )?.how,
    takeDuplicate: (kind) =>
      use(
        (plan): plan is Planned & { kind: 'duplicate' } =>
          plan.kind === 'duplicate' && (plan.envelope === undefined || plan.envelope === kind),
      ) !== undefined,
  };
};
