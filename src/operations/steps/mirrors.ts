import type { DisksSeen } from '../disk-verbs.ts';
import type { MirrorPair } from '../mirror-verbs.ts';
import type { Seen, Step } from '../step.ts';
import type { At } from './domains.ts';
import { lookFor } from './plug.ts';
import { waitFor } from './units.ts';

/** A disk that goes from one block device to another while its guest runs. */
export interface Mirror extends MirrorPair {
  readonly target: string;
  readonly forMs: number;
}

/** Copies a running VM's disk, with all that is written meanwhile, until both hold the same and go on holding it. Undo gives that up. */
export function mirrorDisk(at: At, mirror: Mirror): Step {
  const { driver, host, uuid, vm } = at;
  const { target, from, to, forMs } = mirror;
  const what = `Mirroring ${target}`;
  return {
    name: `mirror-disk:${target}`,
    title: `Mirror ${target} of ${vm} into ${to}, until both hold the same`,
    host,
    act: driver.mirrors.begin(uuid, mirror),
    look: lookFor(at, (seen): Seen => {
      const { off, source, into, ready } = standing(seen, mirror);
      if (off) return { state: 'failed', what: wentOff(what, vm) };
      if (source === to || (into === to && ready)) return { state: 'done' };
      if (into === to) return { state: 'under-way' };
      return {
        state: 'failed',
        what: `${what} ended on the host: see the VM’s log in /var/log/libvirt/qemu on ${host}`,
      };
    }),
    wait: waitFor(forMs, what),
    undo: {
      act: driver.mirrors.giveUp(uuid, { from, to }),
      look: lookFor(at, (seen): Seen => ({ state: standing(seen, mirror).into === to ? 'done' : 'absent' })),
      wait: { forMs: 60_000, everyMs: 1_000, late: { message: `The mirror of ${target} does not end`, hint: BY_HAND } },
    },
  };
}

/** The guest goes on with the mirror. Undo mirrors it back, with all that it has written since. */
export function switchDisk(at: At, mirror: Mirror): Step {
  const { driver, host, uuid, vm } = at;
  const { target, from, to, forMs } = mirror;
  return {
    name: `switch-disk:${target}`,
    title: `Let ${vm} go on with ${to} as its ${target}`,
    host,
    act: driver.mirrors.pivot(uuid, mirror),
    look: lookFor(at, (seen): Seen => {
      const { off, source, into } = standing(seen, mirror);
      if (source === to) return { state: into === null ? 'done' : 'under-way' };
      return off ? { state: 'failed', what: wentOff('Going over to the mirror', vm) } : { state: 'absent' };
    }),
    wait: {
      forMs: 60_000,
      everyMs: 1_000,
      late: { message: `${vm} does not go over to the mirror of ${target}`, hint: BY_HAND },
    },
    undo: {
      act: driver.mirrors.advance(uuid, { from: to, to: from }),
      // Off, it is the definition that says where it goes on: what it has written since lies there.
      look: lookFor(at, (seen): Seen => {
        const { off, source } = standing(seen, mirror);
        const kept = seen.kept.some((disk) => disk.source === from);
        return { state: kept && (off || source === from) ? 'absent' : 'done' };
      }),
      wait: {
        ...waitFor(forMs, `Mirroring ${target} back`),
        askAgainMs: 5_000,
      },
    },
  };
}

const BY_HAND = 'An admin can look with `virsh blockjob VM DISK --info` on the host.';

function wentOff(what: string, vm: string): string {
  return `${what} failed: ${vm} went off meanwhile`;
}

/** Where the disk stands: what it has, and what that is mirrored into. */
function standing({ live }: DisksSeen, { from, to }: MirrorPair) {
  const disk = live?.find(({ source }) => source === from || source === to);
  const into = disk?.mirror?.to ?? null;
  return { off: live === null, source: disk?.source ?? null, into, ready: disk?.mirror?.ready === true };
}
