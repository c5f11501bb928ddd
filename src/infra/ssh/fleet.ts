/** All hosts of the configuration over SSH, as operations see them. */
import type { Duplex } from 'node:stream';
import { commandLine } from '../../domain/command.ts';
import { BotError } from '../../domain/error.ts';
import type { Clock, Fleet } from '../../operations/ports.ts';
import { type Connection, makeConnection } from './connection.ts';
import type { LinkDeps } from './kept-link.ts';
import { makeTurns } from './turns.ts';
import {
  DEFAULT_SETTINGS,
  type Endpoint,
  type HostConnection,
  type HostStatus,
  type SshEvent,
  type SshSettings,
} from './types.ts';

export interface FleetDeps {
  readonly clock: Clock;
  readonly settings?: Partial<SshSettings>;
  readonly onEvent?: (event: SshEvent) => void;
  /** From 0 up to 1, for the pauses between tries. */
  readonly random?: () => number;
}

export interface SshFleet extends Fleet {
  /** How a host stands. Throws `not_found` for one that the configuration doesn't have. */
  readonly status: (host: string) => HostStatus;
  /**
   * After the configuration was read again: hosts that stayed as they were keep their link; calls under way end as they would.
   * Throws `invalid_config` for a jump host that leads nowhere, and then changes nothing.
   */
  readonly update: (hosts: readonly HostConnection[]) => void;
  /** Ends all links; calls under way are `unknown`. */
  readonly close: () => Promise<void>;
}

interface Entry {
  readonly host: HostConnection;
  /** All that the way to it depends on, as text: another text is another connection. */
  readonly identity: string;
  readonly connection: Connection;
  /** The connection to an endpoint that only this host jumps through. */
  readonly ownJump: Connection | undefined;
}

/** Connects under way at once. Those to dead hosts take a turn for the connect timeout, until their circuit opens. */
const DIALS = 32;

/** Opens nothing yet: each host is connected to when first asked. */
export function openFleet(hosts: readonly HostConnection[], deps: FleetDeps): SshFleet {
  const linkDeps: LinkDeps = {
    clock: deps.clock,
    settings: { ...DEFAULT_SETTINGS, ...deps.settings },
    random: deps.random ?? Math.random,
    onEvent: deps.onEvent ?? (() => {}),
    turns: makeTurns(DIALS),
  };
  let entries = new Map<string, Entry>();

  function find(name: string): Entry {
    const entry = entries.get(name);
    if (entry !== undefined) return entry;
    throw new BotError('not_found', `There is no host ${name}`, { hint: 'See `/host list`.', field: 'host' });
  }

  function makeEntry(host: HostConnection, identity: string): Entry {
    const { jump } = host;
    if (jump === undefined) {
      return { host, identity, connection: makeConnection(host, linkDeps), ownJump: undefined };
    }
    const over = typeof jump === 'string' ? jump : `${jump.user}@${jump.address}:${jump.port}`;
    const ownJump = typeof jump === 'string' ? undefined : makeConnection(jumpHost(host, jump, over), linkDeps);
    const openStream = async (): Promise<Duplex> => {
      try {
        return await (ownJump ?? find(over).connection).forward(host);
      } catch (cause) {
        const { message, hint } = cause instanceof BotError ? cause : { message: String(cause), hint: undefined };
        const told = `Host ${host.name} can't be reached over its jump host ${over}: ${message}`;
        throw new BotError('host_unreachable', told, { hint, cause });
      }
    };
    return { host, identity, connection: makeConnection(host, linkDeps, openStream), ownJump };
  }

  function update(next: readonly HostConnection[]): void {
    const before = entries;
    const byName = new Map(next.map((host) => [host.name, host]));
    const after = new Map<string, Entry>();
    for (const host of next) {
      const identity = identityOf(host, byName);
      const old = before.get(host.name);
      after.set(host.name, old?.identity === identity ? old : makeEntry(host, identity));
    }
    entries = after;
    for (const old of before.values()) {
      if (entries.get(old.host.name) === old) continue;
      old.connection.retire();
      old.ownJump?.retire();
    }
  }

  update(hosts);
  return {
    run: async (host, call, options) => find(host).connection.run(call, options),
    runInTurn: async (host, calls, options) => find(host).connection.runInTurn(calls, options),
    line: (host, command) => commandLine(command, find(host).host.limits),
    hosts: () => [...entries.keys()],
    status: (host) => find(host).connection.status(),
    update,
    close: async () => {
      for (const { connection, ownJump } of entries.values()) {
        connection.close();
        ownJump?.close();
      }
    },
  };
}

/** A jump host that stands in no list of its own: our host's keys, where it names none. */
function jumpHost(host: HostConnection, jump: Endpoint, name: string): HostConnection {
  const { identityFiles, agent, passphrase } = host;
  const keys = {
    ...(identityFiles === undefined ? {} : { identityFiles }),
    ...(agent === undefined ? {} : { agent }),
    ...(passphrase === undefined ? {} : { passphrase }),
  };
  const ownKeys = jump.identityFiles !== undefined || jump.agent !== undefined;
  return { ...(ownKeys ? {} : keys), ...jump, name, limits: host.limits };
}

function identityOf(
  host: HostConnection,
  byName: ReadonlyMap<string, HostConnection>,
  seen: readonly string[] = [],
): string {
  const jump = typeof host.jump === 'string' ? byName.get(host.jump) : undefined;
  if (typeof host.jump === 'string' && (jump === undefined || seen.includes(host.jump))) {
    throw new BotError('invalid_config', `Host ${host.name}: its jump host ${host.jump} is no other host of the list`, {
      field: 'jump',
      hint: 'Name another host of the list that is reached without this one.',
    });
  }
  return JSON.stringify([host, jump && identityOf(jump, byName, [...seen, host.name])]);
}
