import { formatSpan } from '../../domain/size.ts';
import type { Rate } from '../backup-verbs.ts';
import type { VolumeName } from '../driver.ts';
import type { IsolatedNetwork } from '../network-verbs.ts';
import type { HostCall } from '../ports.ts';
import type { Seen, Step, Undo, Wait } from '../step.ts';
import { unwritten } from './backups.ts';
import { both, inOne, reading } from './call.ts';
import { type At, waitFor } from './units.ts';

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
  },
): Step {
  const { name, title, ask, forMs, late } = what;
  return {
    name,
    title,
    host: at.host,
    act: null,
    look: reading(ask, (yes): Seen => ({ state: yes ? 'done' : 'absent' })),
    wait: patiently(forMs, `${late} within ${formatSpan(forMs)}`),
    undo: 'nothing-to-undo',
  };
}

function patiently(forMs: number, message: string): Wait {
  const hint = 'Restore the backup as a VM of its own and look at its console: `/vm backup restore … --as`.';
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

export interface Comparison {
  /** `vda` … */
  readonly target: string;
  /** The compressed file of the backup. */
  readonly path: string;
  readonly volume: VolumeName;
  /** Files for the checksums, and units that work them out. */
  readonly into: { readonly file: string; readonly volume: string };
  readonly units: { readonly file: string; readonly volume: string };
  readonly forMs: number;
  readonly rate: Rate;
}

/** SHA-256 of what the file holds, and of what the volume holds, from beginning to end: they must be the same. */
export function compareContent(at: At, of: Comparison): readonly Step[] {
  const { driver, host } = at;
  const { target, path, volume, into, units, forMs, rate } = of;
  const title = `Work out the SHA-256 of ${target} in the backup, and as it was restored`;
  const states = both(driver.images.pouring(units.file), driver.images.pouring(units.volume));
  const [file, restored] = [unwritten(at, units.file, into.file), unwritten(at, units.volume, into.volume)];
  return [
    {
      name: `sum-data:${target}`,
      title,
      host,
      act: both(
        driver.backups.sumContent({ path, into: into.file, unit: units.file }),
        driver.backups.sumVolume({ volume, into: into.volume, unit: units.volume, rate }),
      ),
      look: reading(states, ([one, other]): Seen => {
        const bad = one === 'failed' ? units.file : other === 'failed' ? units.volume : null;
        if (bad !== null)
          return { state: 'failed', what: `${title}: that failed, see \`journalctl --user -u ${bad}\` on ${host}` };
        if (one === 'done' && other === 'done') return { state: 'done' };
        return one === 'none' || other === 'none' ? { state: 'absent' } : { state: 'under-way' };
      }),
      wait: waitFor(forMs, title),
      undo: {
        act: inOne(title, [file.act, restored.act]),
        look: reading(
          both(file.look, restored.look),
          (left): Seen => ({
            state: left.every(({ state }) => state === 'absent') ? 'absent' : 'done',
          }),
        ),
      },
    },
    {
      name: `compare-data:${target}`,
      title: `Compare ${target} with the backup`,
      host,
      act: null,
      look: reading(
        both(driver.backups.contentSum(into.file), driver.backups.contentSum(into.volume)),
        ([held, found]): Seen => {
          if (held === null || found === null) return { state: 'absent' };
          if (held === found) return { state: 'done', output: { sha256: held } };
          return {
            state: 'failed',
            what: `${target} as it was restored is not what the backup holds: its SHA-256 is another`,
          };
        },
      ),
      wait: {
        forMs: 0,
        everyMs: 1_000,
        late: { message: `The checksums of ${target} are gone from ${host}`, hint: 'Ask again.' },
      },
      undo: 'nothing-to-undo',
    },
  ];
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
