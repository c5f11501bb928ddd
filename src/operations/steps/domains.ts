import type { DomainSeen, DomainState } from '../../domain/inventory.ts';
import { formatSpan } from '../../domain/size.ts';
import type { AddressSeen, Driver } from '../driver.ts';
import type { HostCall } from '../ports.ts';
import type { Seen, Step, Undo, Wait } from '../step.ts';
import { reading } from './call.ts';

export interface At {
  readonly driver: Driver;
  readonly host: string;
  readonly uuid: string;
  /** `team/name`, for titles. */
  readonly vm: string;
}

const ON: ReadonlySet<DomainState> = new Set(['running', 'idle', 'in shutdown', 'paused', 'pmsuspended']);
/** A look at the end of a virsh call that was trusted: a moment's grace, no more. */
const SOON: Wait = {
  forMs: 60_000,
  everyMs: 1_000,
  late: {
    message: 'The domain did not come into the state that it should',
    hint: 'See `/vm show`, and the host’s journal.',
  },
};

function isOn(seen: Pick<DomainSeen, 'state'> | null): boolean {
  return seen !== null && ON.has(seen.state);
}

/** A look at the domain's state, read as done or not. A domain that isn't there counts as `missing`. */
function lookFor(
  { driver, uuid, vm }: At,
  wanted: (state: DomainState) => boolean,
  missing: 'foreign' | 'done' = 'foreign',
): HostCall<Seen> {
  return reading(driver.domains.look(uuid), (seen): Seen => {
    if (seen !== null) return wanted(seen.state) ? { state: 'done' } : { state: 'absent' };
    return missing === 'foreign'
      ? { state: 'foreign', what: `No domain for ${vm}, which should be there: its absence` }
      : { state: missing };
  });
}

const isRunning = (state: DomainState) => state === 'running' || state === 'idle';
const isOff = (state: DomainState) => state === 'shut off' || state === 'crashed';

/** Writes the definition; undo removes it. Its UUID was minted with the plan, so what bears it is ours. */
export function defineDomain(at: At, xml: string, title = `Define ${at.vm}`): Step {
  const { driver, host, uuid } = at;
  return {
    name: 'define-domain',
    title,
    host,
    act: driver.domains.define(xml),
    look: reading(driver.domains.look(uuid), present),
    undo: {
      act: driver.domains.undefine(uuid, { keepNvram: false }),
      look: reading(driver.domains.look(uuid), present),
    },
  };
}

/** Writes the definition of a new domain, and starts it. Undo: off again, at once, for nobody has used it yet, and no definition. */
export function defineAndStart(at: At, xml: string): Step {
  const { driver, host, uuid } = at;
  return {
    name: 'define-and-start',
    title: `Define and start ${at.vm}`,
    host,
    act: driver.domains.defineAndStart(uuid, xml),
    look: reading(
      driver.domains.look(uuid),
      (seen): Seen => (seen !== null && isRunning(seen.state) ? { state: 'done' } : { state: 'absent' }),
    ),
    undo: {
      act: driver.domains.stopAndUndefine(uuid),
      look: reading(driver.domains.look(uuid), present),
    },
  };
}

function present(value: unknown): Seen {
  return value === null ? { state: 'absent' } : { state: 'done' };
}

/** Be running. Undo: be off again, at once, for nobody has used it yet (`undo: 'off'`), or nothing. */
export function beRunning(at: At, undo: 'off' | 'nothing-to-undo'): Step {
  return {
    name: 'be-running',
    title: `Start ${at.vm}`,
    host: at.host,
    act: at.driver.domains.start(at.uuid),
    look: lookFor(at, isRunning),
    undo: undo === 'off' ? beOffUndo(at) : undo,
  };
}

function beOffUndo(at: At): Undo {
  return {
    act: at.driver.domains.stop(at.uuid),
    look: reading(
      at.driver.domains.look(at.uuid),
      (seen): Seen => (isOn(seen) ? { state: 'done' } : { state: 'absent' }),
    ),
  };
}

/** Back to running; the undo of whatever took a running VM down. */
function beRunningUndo(at: At): Undo {
  return {
    act: at.driver.domains.start(at.uuid),
    look: reading(
      at.driver.domains.look(at.uuid),
      (seen): Seen => (seen !== null && isRunning(seen.state) ? { state: 'absent' } : { state: 'done' }),
    ),
  };
}

/**
 * Be shut off: asks the guest and waits, or cuts the power. Undo: be running again, where it was.
 * virsh's exit 0 says only that the guest was asked, so the state is waited for.
 */
export function beOff(at: At, how: 'ask' | 'force', limitMs: number, wasRunning: boolean): Step {
  return {
    name: 'be-off',
    title: how === 'ask' ? `Shut down ${at.vm} and wait until it is off` : `Force ${at.vm} off`,
    host: at.host,
    act: how === 'ask' ? at.driver.domains.shutdown(at.uuid) : at.driver.domains.stop(at.uuid),
    look: lookFor(at, isOff, 'done'),
    wait: {
      forMs: how === 'ask' ? limitMs : SOON.forMs,
      everyMs: 1_000,
      ...(how === 'ask' ? { askAgainMs: 15_000 } : {}),
      late: {
        message: `The guest of ${at.vm} did not shut down in ${formatSpan(limitMs)}`,
        hint: 'It may ignore the power button, or be busy: look at its console (`/vm console`), or cut the power with `--force`.',
      },
    },
    undo: wasRunning
      ? {
          ...beRunningUndo(at),
          ...(how === 'ask'
            ? { mayStillCome: { look: lookFor(at, isOff, 'done'), forMs: 20_000, everyMs: 1_000 } }
            : {}),
        }
      : 'nothing-to-undo',
  };
}

/** Only looks: what follows must not touch the volumes of a VM that somebody started meanwhile. */
export function mustBeOff(at: At): Step {
  return {
    name: 'must-be-off',
    title: `See that ${at.vm} is off`,
    host: at.host,
    act: null,
    look: lookFor(at, isOff, 'done'),
    wait: {
      forMs: 0,
      everyMs: 1_000,
      late: { message: `${at.vm} runs, and was off when this was planned`, hint: 'Ask again: it is shut down then.' },
    },
    undo: 'nothing-to-undo',
  };
}

/** Stop the CPUs, memory kept. */
export function beSuspended(at: At): Step {
  return {
    name: 'be-suspended',
    title: `Suspend ${at.vm}`,
    host: at.host,
    act: at.driver.domains.suspend(at.uuid),
    look: lookFor(at, (state) => state === 'paused'),
    undo: {
      act: at.driver.domains.resume(at.uuid),
      look: reading(
        at.driver.domains.look(at.uuid),
        (seen): Seen => (seen?.state === 'paused' ? { state: 'done' } : { state: 'absent' }),
      ),
    },
  };
}

/** Let suspended CPUs go on. */
export function beResumed(at: At): Step {
  return {
    name: 'be-resumed',
    title: `Resume ${at.vm}`,
    host: at.host,
    act: at.driver.domains.resume(at.uuid),
    look: lookFor(at, isRunning),
    undo: 'nothing-to-undo',
  };
}

/** Removes the definition, never storage; NVRAM is kept. Undo defines it again from `xml`. */
export function undefineDomain(at: At, keepNvram: boolean, xml: string): Step {
  return {
    name: 'undefine-domain',
    title: `Undefine ${at.vm} (its volumes stay)`,
    host: at.host,
    act: at.driver.domains.undefine(at.uuid, { keepNvram }),
    look: reading(
      at.driver.domains.look(at.uuid),
      (seen): Seen => (seen === null ? { state: 'done' } : { state: 'absent' }),
    ),
    wait: SOON,
    undo: {
      act: at.driver.domains.define(xml),
      look: reading(
        at.driver.domains.look(at.uuid),
        (seen): Seen => (seen === null ? { state: 'done' } : { state: 'absent' }),
      ),
    },
  };
}

/** Another name for a domain that is off; undo gives the old one back. */
export function renameDomain(at: At, from: Names, to: Names): Step {
  const named = (names: Names) => (seen: DomainSeen | null) => seen?.name === names.domainName;
  return {
    name: 'rename-domain',
    title: `Rename ${from.team}/${from.name} to ${to.team}/${to.name}`,
    host: at.host,
    act: at.driver.domains.rename(at.uuid, to),
    look: reading(
      at.driver.domains.look(at.uuid),
      (seen): Seen => (named(to)(seen) ? { state: 'done' } : { state: 'absent' }),
    ),
    undo: {
      act: at.driver.domains.rename(at.uuid, from),
      look: reading(
        at.driver.domains.look(at.uuid),
        (seen): Seen => (named(from)(seen) ? { state: 'absent' } : { state: 'done' }),
      ),
    },
  };
}
export interface Names {
  readonly domainName: string;
  readonly team: string;
  readonly name: string;
}

/** Whether the VM starts with its host. */
export function setAutostart(at: At, on: boolean, was: boolean): Step {
  const is = (value: boolean, so: 'done' | 'absent', not: 'done' | 'absent') =>
    reading(at.driver.domains.autostartOf(at.uuid), (seen): Seen => ({ state: seen === value ? so : not }));
  return {
    name: 'set-autostart',
    title: on ? `Start ${at.vm} with its host` : `Don't start ${at.vm} with its host`,
    host: at.host,
    act: at.driver.domains.autostart(at.uuid, on),
    look: is(on, 'done', 'absent'),
    undo: { act: at.driver.domains.autostart(at.uuid, was), look: is(was, 'absent', 'done') },
  };
}

/** Waits for the first IPv4 address (IPv6 where there is no other). A guest that shows none is no failure: the card says so. */
export function awaitAddress(at: At, mac: string, forMs: number): Step {
  return {
    name: 'await-address',
    title: `Wait for ${at.vm}'s address`,
    host: at.host,
    act: null,
    look: reading(at.driver.domains.addresses(at.uuid), (seen): Seen => {
      const address = bestAddress(seen, mac);
      return address === null ? { state: 'absent' } : { state: 'done', output: { address } };
    }),
    wait: { forMs, everyMs: 2_000, late: 'go-on' },
    undo: 'nothing-to-undo',
  };
}

/** The address that people should use: of our NIC, IPv4 first; what DHCP or the guest says before what ARP overheard. */
export function bestAddress(seen: readonly AddressSeen[], mac: string): string | null {
  const rank = (each: AddressSeen) =>
    (each.family === 'ipv4' ? 0 : 10) + ['agent', 'lease', 'arp'].indexOf(each.source);
  const mine = seen.filter((each) => each.mac.toLowerCase() === mac.toLowerCase()).sort((a, b) => rank(a) - rank(b));
  return mine[0]?.address ?? null;
}
