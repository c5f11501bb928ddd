import type { Actor } from '../domain/access.ts';
import type { Settings } from '../domain/settings.ts';
import type { CheckLine } from '../operations/ports.ts';
import type { Service } from '../operations/service.ts';
import type { Operation } from '../operations/spec.ts';
import type { AuditFilter, AuditSeen, AuditVerdict } from '../operations/store.ts';

/**
 * What the terminal needs of the rest, as functions that load it when they are called: `--version` and `--help` load nothing.
 * `main.ts` makes one; each function takes the path of the configuration and throws `invalid_config` for a bad one.
 */
export interface Composition {
  readonly version: string;
  readonly catalog: () => Promise<readonly Operation[]>;
  /** Only the configuration: opens nothing. */
  readonly config: (file: string) => Promise<ConfigView>;
  /** Runs the bot until a signal ends it. The exit code. */
  readonly start: (file: string) => Promise<number>;
  /**
   * The service in this process, on the bot's state. Takes the lock of the state directory: throws `conflict` when a bot holds it.
   */
  readonly openService: (file: string) => Promise<OpenService>;
  /** What `check` looks at, in its order. `file` may be a bad one: that is the first thing to tell. */
  readonly checks: (file: string) => Promise<readonly Check[]>;
  /** The audit, read only: also beside a running bot. */
  readonly openAudit: (file: string) => Promise<OpenAudit>;
  /** The Slack app's manifest, as YAML. Throws `invalid_input` for a prefix that no command can have. */
  readonly manifest: (options: { readonly prefix: string }) => Promise<string>;
  /** The sudoers file of each host, or of the one named. Throws `not_found`. */
  readonly sudoers: (
    file: string,
    host: string | null,
  ) => Promise<readonly { readonly host: string; readonly text: string }[]>;
  /** A whole copy of the database, also while the bot runs. Resolves to what it holds: `12 345 audit rows, 4.1 MiB`. */
  readonly backup: (file: string, to: string) => Promise<string>;
  /** Puts a backup in the place of the database, and keeps the old one beside it. Throws `conflict` while a bot runs. */
  readonly restore: (file: string, from: string) => Promise<string>;
}

export interface ConfigView {
  readonly settings: Settings;
  readonly stateDir: string;
  /** Before each slash command: `x-`. */
  readonly prefix: string;
}

export interface OpenService {
  readonly service: Service;
  readonly settings: () => Settings;
  readonly actorOf: (person: string) => Promise<Actor>;
  /** Waits for steps under way to come to a safe place, then lets go of everything. */
  readonly close: () => Promise<void>;
}

export interface OpenAudit {
  readonly verify: (anchor: string | null) => Promise<AuditVerdict>;
  /** Newest first, at most `limit`; `beforeSeq` goes on from there. */
  readonly list: (filter: AuditFilter) => readonly AuditSeen[];
  readonly close: () => void;
}

/** A part of `hostler check`: `Slack`, `host kvm-1`. */
export interface Check {
  readonly name: string;
  readonly run: () => Promise<readonly CheckLine[]>;
}
