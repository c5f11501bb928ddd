import type { Command } from '../domain/command.ts';
import type { BotError } from '../domain/error.ts';

/** What one command of a call did on the host. */
export interface Ran {
  /** The command line, as it ran. */
  readonly line: string;
  /** Exit code; null when it did not come to an end that we saw. 124 and 137 are the time limit's. */
  readonly exit: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Wall-clock milliseconds on the host. */
  readonly ms: number;
}

/**
 * Something to ask of a host in one round trip: commands, and the reading of their answers. Pure data and a pure function:
 * built by the driver, shown in plans, run by the host port.
 */
export interface HostCall<T> {
  /** What it does, for people: "Clone image tiny to vm-01…-d0". */
  readonly title: string;
  readonly commands: readonly Command[];
  /**
   * Reads the answers; `ran` holds an entry for each command that ran, in order. It is called when no `stop` command failed.
   * Throws BotError `host_fault` when an answer can't be read.
   */
  readonly parse: (ran: readonly Ran[]) => T;
}

/** Unknown is not failed: after `unknown`, look before you act. */
export type CallResult<T> =
  | { readonly outcome: 'done'; readonly value: T; readonly ran: readonly Ran[] }
  /** The host refused (`host_fault`), or was never reached (`host_unreachable`): nothing after the failing command ran. */
  | { readonly outcome: 'failed'; readonly error: BotError; readonly ran: readonly Ran[] }
  /** The link was cut, or no answer came in time: it may have happened, wholly or in part. */
  | { readonly outcome: 'unknown'; readonly error: BotError; readonly ran: readonly Ran[] };

export interface CallOptions {
  /** Reads don't queue behind changes. Default 'read'. */
  readonly lane?: 'read' | 'change';
  readonly signal?: AbortSignal;
}

/** The fleet, as operations see it: runs calls on hosts. */
export interface Fleet {
  /** Never throws for what a host does; throws `not_found` for a host that the config doesn't have. */
  readonly run: <T>(host: string, call: HostCall<T>, options?: CallOptions) => Promise<CallResult<T>>;
  /**
   * The calls one behind the other in one round trip: a result for each, up to and with the first that isn't `done`.
   * Those without one did not begin where that one `failed`; where it is `unknown`, they are as well.
   */
  readonly runInTurn: (
    host: string,
    calls: readonly HostCall<unknown>[],
    options?: CallOptions,
  ) => Promise<readonly CallResult<unknown>[]>;
  /** The command's line as it runs on that host, for plans. */
  readonly line: (host: string, command: Command) => string;
  readonly hosts: () => readonly string[];
}

/** Milliseconds since 1970, UTC. */
export interface Clock {
  readonly now: () => number;
  /** Resolves after `ms`, or at once when the signal is aborted. */
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
}

/** Makes the ids of things. `op` gives `op_01J…`. */
export interface Ids {
  readonly next: (prefix: IdPrefix) => string;
  /** A random UUID, version 4. */
  readonly uuid: () => string;
  /** `bytes` random bytes, as hex. */
  readonly hex: (bytes: number) => string;
}
export const ID_PREFIXES = ['op', 'vm', 'snap', 'apr', 'img', 'key', 'msg', 'inc', 'sil', 'bak', 'drill'] as const;
export type IdPrefix = (typeof ID_PREFIXES)[number];

/** SHA-256, as hex. */
export type Hash = (text: string) => string;

/** `warn` and above: a constant message, variables in `data`, so that logs group. */
export interface Log {
  readonly debug: (message: string, data?: Record<string, unknown>) => void;
  readonly info: (message: string, data?: Record<string, unknown>) => void;
  readonly warn: (message: string, data?: Record<string, unknown>) => void;
  readonly error: (message: string, data?: Record<string, unknown>) => void;
}

/** One thing that `hostler check` looked at. */
export interface CheckLine {
  readonly ok: boolean;
  /** What was looked at, and what was found: `libvirt 9.0.0 answers`. */
  readonly what: string;
  /** What to do about it; null where all is well. */
  readonly hint: string | null;
}

/** Looks at all that a host needs to be used: connection, rights, libvirt, storage. Never throws for what it finds. */
export type CheckHost = (host: string) => Promise<readonly CheckLine[]>;
