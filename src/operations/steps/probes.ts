import { formatSpan } from '../../domain/size.ts';
import type { IsolatedNetwork } from '../network-verbs.ts';
import type { HostCall } from '../ports.ts';
import type { Seen, Step, Undo, Wait } from '../step.ts';
import { inOne, reading } from './call.ts';
import type { At } from './units.ts';

/** A network that leads nowhere. It lasts until it is removed, and no longer than the host runs. */
export function createNetwork({ driver, host }: At, network: IsolatedNetwork): Step {
  const { name } = network;
  return {
    name: 'create-network',
    title: `Make the isolated network ${name} (${network.prefix}.0/24)`,
    host,
    act: driver.networks.create(network),
    look: reading(driver.networks.look(name), (seen): Seen => {
      if (seen === null) return { state: 'absent' };
      return seen.isolated ? { state: 'done' } : { state: 'foreign', what: `Network ${name}, which leads elsewhere,` };
    }),
    undo: {
      act: driver.networks.remove(name),
      look: reading(driver.networks.look(name), (seen): Seen => ({ state: seen === null ? 'absent' : 'done' })),
    },
  };
}

/** Asks again and again until it is so; fails when the time is over. Changes nothing. */
export function probe(
  at: At,
  what: {
    readonly name: string;
    readonly title: string;
    readonly ask: HostCall<boolean>;
    readonly forMs: number;
    /** `The guest did not answer a ping`: the time is added. */
    readonly late: string;
    readonly hint?: string;
  },
): Step {
  const { name, title, ask, forMs, late, hint } = what;
  return {
    name,
    title,
    host: at.host,
    act: null,
    look: reading(ask, (yes): Seen => ({ state: yes ? 'done' : 'absent' })),
    wait: patiently(forMs, `${late} within ${formatSpan(forMs)}`, hint),
    undo: 'nothing-to-undo',
  };
}

const LOOK_AT_IT = 'Restore the backup as a VM of its own and look at its console: `/vm backup restore … --as`.';
function patiently(forMs: number, message: string, hint = LOOK_AT_IT): Wait {
  return { forMs, everyMs: 2_000, late: { message, hint } };
}

/** The guest has taken the address that the network keeps for it. */
export function awaitOwnAddress(
  at: At,
  guest: { readonly uuid: string; readonly mac: string; readonly address: string },
  forMs: number,
): Step {
  const { uuid, mac, address } = guest;
  return probe(at, {
    name: 'probe-address',
    title: `Wait until it has its address ${address}`,
    ask: reading(at.driver.domains.addresses(uuid), (seen) =>
      seen.some((each) => each.address === address && each.mac.toLowerCase() === mac.toLowerCase()),
    ),
    forMs,
    late: 'The guest did not boot: it asked for no address',
  });
}

/**
 * What steps made is taken away again, not because anything failed but because it has served. A volume may be held open a moment longer
 * than its domain: then it is asked for again.
 */
export function takenDown(at: At, name: string, title: string, steps: readonly Maker[]): Step {
  const looks = inOne(
    title,
    steps.map(({ undo }) => undo.look),
  );
  return {
    name,
    title,
    host: at.host,
    act: inOne(
      title,
      steps.map(({ undo }) => undo.act),
    ),
    look: reading(
      looks,
      (all): Seen => ({
        state: all.every(({ state }) => state === 'absent') ? 'done' : 'under-way',
      }),
    ),
    wait: {
      forMs: 60_000,
      everyMs: 1_000,
      askAgainMs: 5_000,
      late: {
        message: `${title}: some of it is still there`,
        hint: 'Something on the host holds it: see its journal.',
      },
    },
    undo: 'nothing-to-undo',
  };
}

/** A step whose work can be taken away. */
export type Maker = Step & { readonly undo: Undo };
export function isMaker(step: Step): step is Maker {
  return typeof step.undo !== 'string';
}
