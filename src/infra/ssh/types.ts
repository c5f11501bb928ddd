/** What a host's configuration says about reaching it, and what the kept connection tells about itself. */
import type { TimeLimits } from '../../domain/command.ts';

/** Where a machine listens, as whom we come, and by which keys it and we are known. */
export interface Endpoint {
  /** Host name or IP address. */
  readonly address: string;
  readonly port: number;
  readonly user: string;
  /** The pinned host keys: full ones (`ssh-ed25519 AAAA…`, a comment may follow) or fingerprints (`SHA256:…`). At least one. */
  readonly hostKeys: readonly string[];
  /** Paths of private keys, tried in this order before the agent. */
  readonly identityFiles?: readonly string[];
  /** `true` for the agent at SSH_AUTH_SOCK, or the path of an agent's socket. */
  readonly agent?: boolean | string;
  /** For encrypted identity files: the secret itself, already looked up. */
  readonly passphrase?: string;
}

/** One host of the configuration. */
export interface HostConnection extends Endpoint {
  readonly name: string;
  /** ProxyJump: the name of another host of the configuration, or an endpoint of its own (our keys, where it names none). */
  readonly jump?: string | Endpoint;
  /** Seconds for each time class on this host. */
  readonly limits: TimeLimits;
  /** Most channels at once. Default 8: sshd allows ten sessions a connection. */
  readonly channels?: number;
}

/** Times and limits of the connections; milliseconds and bytes. */
export interface SshSettings {
  /** For the TCP connection, the handshake and the login together, and for the opening of a channel. */
  readonly connectTimeout: number;
  /** Pause between keepalives; a peer is dead after `keepaliveCount` without an answer. Not below a second on real links. */
  readonly keepaliveInterval: number;
  readonly keepaliveCount: number;
  /** Most bytes of stdout and stderr together that one call may answer. */
  readonly outputLimit: number;
  /** What a call may take over the sum of its commands' limits. */
  readonly deadlineSlack: number;
  /** How long a read waits for a free channel. A change waits as long as the host's `long` limit. */
  readonly readWait: number;
  /** The circuit opens after so many failed connects in a row … */
  readonly circuitFailures: number;
  /** … for so long at first, doubled with each failed probe up to `circuitMax`, each time less a random part of up to a half. */
  readonly circuitFirst: number;
  readonly circuitMax: number;
}

export const DEFAULT_SETTINGS: SshSettings = {
  connectTimeout: 15_000,
  keepaliveInterval: 10_000,
  keepaliveCount: 3,
  outputLimit: 8 * 1024 * 1024,
  deadlineSlack: 15_000,
  readWait: 60_000,
  circuitFailures: 3,
  circuitFirst: 2_000,
  circuitMax: 60_000,
};

/** Something that people may want to know; `key_changed` is an alert. `host` is the name in the configuration. */
export type SshEvent =
  | { readonly kind: 'connected'; readonly host: string }
  | { readonly kind: 'lost'; readonly host: string; readonly reason: string }
  | { readonly kind: 'circuit_opened'; readonly host: string; readonly reason: string; readonly nextTry: number }
  | { readonly kind: 'circuit_closed'; readonly host: string }
  | { readonly kind: 'key_changed'; readonly host: string; readonly expected: readonly string[]; readonly got: string };

/** Counted since the host was added. Times in milliseconds. */
export interface HostStats {
  connects: number;
  connectFailures: number;
  calls: number;
  done: number;
  failed: number;
  unknown: number;
  /** Summed and longest wait of a call for a channel. */
  channelWait: number;
  channelWaitMax: number;
  /** Since 1970; undefined before the first one. */
  lastConnectedAt: number | undefined;
  lastError: string | undefined;
}

/** How a host stands, for `hostler check`, App Home and metrics. */
export interface HostStatus {
  /** `idle`: nothing was asked yet, or the link was lost and not needed since. */
  readonly link: 'idle' | 'connecting' | 'up' | 'circuit_open';
  /** Milliseconds since 1970, while the circuit is open. */
  readonly nextTry: number | undefined;
  readonly channels: { readonly open: number; readonly waiting: number };
  readonly stats: Readonly<HostStats>;
}
