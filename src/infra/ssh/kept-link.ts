/** Keeps one link to one host: connects when asked, tells when it is lost, and fails at once while the circuit is open. */
import type { Duplex } from 'node:stream';
import type { Client } from 'ssh2';
import { BotError } from '../../domain/error.ts';
import type { Clock } from '../../operations/ports.ts';
import { makeCircuit } from './circuit.ts';
import { HostKeyChanged } from './connect-error.ts';
import { dial } from './dial.ts';
import type { Turns } from './turns.ts';
import type { Endpoint, HostStats, HostStatus, SshEvent, SshSettings } from './types.ts';

export interface LinkDeps {
  readonly settings: SshSettings;
  readonly clock: Clock;
  /** From 0 up to 1. */
  readonly random: () => number;
  readonly onEvent: (event: SshEvent) => void;
  /** In which connects wait for each other: a handshake is work, and hundreds at once would all be too late. */
  readonly turns: Turns;
}

export interface KeptLink {
  /** The link; `fresh` when this call waited for it to be made. Throws BotError `host_unreachable`, at once while the circuit is open. */
  readonly get: () => Promise<{ readonly client: Client; readonly fresh: boolean }>;
  readonly state: () => Pick<HostStatus, 'link' | 'nextTry'>;
  /** Ends the link and all that runs over it; `get` throws from now on. */
  readonly close: () => void;
}

export function keepLink(
  host: string,
  endpoint: Endpoint,
  stats: HostStats,
  deps: LinkDeps,
  openStream?: () => Promise<Duplex>,
): KeptLink {
  const { settings, clock, onEvent } = deps;
  const circuit = makeCircuit(settings, deps.random);
  const ending = new AbortController();
  let link: Client | undefined;
  let connecting: Promise<Client> | undefined;
  let lastError: BotError | undefined;

  function connect(): Promise<Client> {
    const way = { host, endpoint, settings, openStream, onGone: lost };
    // One over a jump host has its turn there; here it would wait for that one with its own turn in hand.
    connecting ??= (openStream === undefined ? deps.turns(() => dial(way)) : dial(way)).then(up, down).finally(() => {
      connecting = undefined;
    });
    return connecting;
  }

  function up(client: Client): Client {
    if (ending.signal.aborted) {
      client.end();
      throw closed();
    }
    const wasOpen = circuit.openUntil() !== undefined;
    circuit.succeeded();
    link = client;
    lastError = undefined;
    stats.connects += 1;
    stats.lastConnectedAt = clock.now();
    onEvent({ kind: 'connected', host });
    if (wasOpen) onEvent({ kind: 'circuit_closed', host });
    return client;
  }

  function down(cause: unknown): never {
    const error = cause instanceof BotError ? cause : new BotError('host_unreachable', String(cause), { cause });
    const wasOpen = circuit.openUntil() !== undefined;
    const sameKey = lastError?.message === error.message;
    circuit.failed(clock.now());
    lastError = error;
    stats.connectFailures += 1;
    stats.lastError = error.message;
    if (error.cause instanceof HostKeyChanged && !sameKey) {
      onEvent({ kind: 'key_changed', host, expected: error.cause.expected, got: error.cause.got });
    }
    const nextTry = circuit.openUntil();
    if (nextTry !== undefined) {
      if (!wasOpen) onEvent({ kind: 'circuit_opened', host, reason: error.message, nextTry });
      void probe(nextTry);
    }
    throw error;
  }

  /** While the circuit is open nobody waits for a connect but this. */
  async function probe(at: number): Promise<void> {
    await clock.sleep(Math.max(0, at - clock.now()), ending.signal);
    if (ending.signal.aborted || link !== undefined) return;
    await connect().catch(() => {});
  }

  function lost(reason: string): void {
    link = undefined;
    if (ending.signal.aborted) return;
    stats.lastError = reason;
    onEvent({ kind: 'lost', host, reason });
  }

  const closed = (): BotError =>
    new BotError('host_unreachable', `Host ${host} is being let go: its connection is closed`);

  function refusal(nextTry: number): BotError {
    const seconds = Math.max(1, Math.ceil((nextTry - clock.now()) / 1000));
    return new BotError(
      'host_unreachable',
      `${lastError?.message ?? `Host ${host} can't be reached`}; next try in ${seconds} s`,
      {
        hint: lastError?.hint,
        cause: lastError,
      },
    );
  }

  return {
    get: async () => {
      if (ending.signal.aborted) throw closed();
      if (link !== undefined) return { client: link, fresh: false };
      const nextTry = circuit.openUntil();
      if (nextTry !== undefined) throw refusal(nextTry);
      return { client: await connect(), fresh: true };
    },
    state: () => {
      const nextTry = circuit.openUntil();
      if (link !== undefined) return { link: 'up', nextTry: undefined };
      if (nextTry !== undefined) return { link: 'circuit_open', nextTry };
      return { link: connecting === undefined ? 'idle' : 'connecting', nextTry: undefined };
    },
    close: () => {
      ending.abort();
      link?.end();
      link?.destroy();
    },
  };
}
