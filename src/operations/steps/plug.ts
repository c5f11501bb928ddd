import type { DiskAt, DiskSeen, DisksSeen } from '../disk-verbs.ts';
import type { HostCall } from '../ports.ts';
import type { Seen, Step, Wait } from '../step.ts';
import { reading } from './call.ts';
import type { At } from './domains.ts';

/** How long a guest may take to let go of a disk; it is asked again meanwhile, for one that still boots hears nothing. */
const LET_GO: Pick<Wait, 'forMs' | 'everyMs' | 'askAgainMs'> = { forMs: 120_000, everyMs: 1_000, askAgainMs: 15_000 };
/** One that was asked and has not answered may still let go: it is watched for so long before the disk is put back. */
const STILL_MS = 20_000;
/** virsh's word isn't enough: what both definitions say counts. */
const SOON_MS = 10_000;

type Disk = DiskAt & { readonly xml: string };

/** Puts a disk into the definition, and into the VM where it runs; undo takes it out again. */
export function attachDisk(at: At, disk: Disk): Step {
  return {
    name: `attach-disk:${disk.target}`,
    title: `Attach it to ${at.vm} as ${disk.target}`,
    host: at.host,
    act: at.driver.disks.attach(at.uuid, disk),
    look: whole(at, disk, 'done', 'absent'),
    wait: {
      forMs: SOON_MS,
      everyMs: 1_000,
      late: {
        message: `${at.vm} did not get its disk ${disk.target}`,
        hint: 'Have an admin look: `virsh domblklist`, and the host’s journal.',
      },
    },
    undo: {
      act: at.driver.disks.detach(at.uuid, disk),
      look: lookFor(at, (seen) => ({ state: kept(seen, disk) || held(seen, disk) ? 'done' : 'absent' })),
      wait: { ...LET_GO, late: holdsOn(at, disk) },
    },
  };
}

/** Puts a disk of the definition into the VM that runs without it. The definition wants it there: so nothing is undone. */
export function plugDisk(at: At, disk: Disk): Step {
  return {
    ...attachDisk(at, disk),
    name: `plug-disk:${disk.target}`,
    title: `Plug ${disk.target} into ${at.vm} again`,
    act: at.driver.disks.plug(at.uuid, disk),
    undo: 'nothing-to-undo',
  };
}

/** Puts a disk into the VM as it runs, and not into its definition: it goes with the power, and so is not undone. */
export function lendDisk(at: At, disk: Disk, title: string): Step {
  return {
    ...attachDisk(at, disk),
    name: `lend-disk:${disk.target}`,
    title,
    act: at.driver.disks.plug(at.uuid, disk),
    look: lookFor(at, (seen) => ({ state: held(seen, disk) ? 'done' : 'absent' })),
    undo: 'nothing-to-undo',
  };
}

/** Takes a disk out of the VM and waits until its guest has let go; undo puts it back. */
export function takeOutDisk(at: At, disk: Disk): Step {
  const gone = (seen: DisksSeen): Seen => ({ state: kept(seen, disk) || held(seen, disk) ? 'absent' : 'done' });
  return {
    name: `take-out-disk:${disk.target}`,
    title: `Take ${disk.target} out of ${at.vm}, and wait until its guest has let go`,
    host: at.host,
    act: at.driver.disks.detach(at.uuid, disk),
    look: lookFor(at, gone),
    wait: { ...LET_GO, late: holdsOn(at, disk) },
    undo: {
      act: at.driver.disks.attach(at.uuid, disk),
      look: whole(at, disk, 'absent', 'done'),
      wait: {
        forMs: SOON_MS,
        everyMs: 1_000,
        late: {
          message: `${at.vm} did not get its disk ${disk.target} back`,
          hint: 'Attach it on the host: `virsh attach-disk`. Its volume is whole.',
        },
      },
      mayStillCome: {
        look: lookFor(at, (seen) => ({ state: held(seen, disk) ? 'absent' : 'done' })),
        forMs: STILL_MS,
        everyMs: 1_000,
      },
    },
  };
}

/** One volume behind a disk instead of another, in the definition of a VM that is off; undo puts the old one behind it again. */
export function redefineDisk(at: At, target: string, from: Disk, to: Disk): Step {
  const { driver, host, uuid, vm } = at;
  return {
    name: `redefine-disk:${target}`,
    title: `Put ${to.source} behind ${target} of ${vm}`,
    host,
    act: driver.disks.redefine(uuid, to),
    look: defined(at, from, to),
    undo: { act: driver.disks.redefine(uuid, from), look: defined(at, from, to) },
  };
}

/** Which of two volumes the definition has. A third is none of ours. */
function defined(at: At, from: Disk, to: Disk): HostCall<Seen> {
  return lookFor(at, (seen) => {
    if (kept(seen, to)) return { state: 'done' };
    if (kept(seen, from)) return { state: 'absent' };
    return { state: 'foreign', what: `Another volume behind ${from.target} of ${at.vm}` };
  });
}

function holdsOn(at: At, { target }: DiskAt): Exclude<Wait['late'], 'go-on'> {
  return {
    message: `The guest of ${at.vm} did not let go of ${target}`,
    hint: 'Unmount it in the guest and ask again, or shut the VM down first: what is off holds nothing.',
  };
}

/** In the definition, and in the domain where it runs. Another disk at its place is none of ours. */
function whole({ driver, uuid, vm }: At, disk: DiskAt, so: 'done' | 'absent', not: 'done' | 'absent'): HostCall<Seen> {
  return lookFor({ driver, uuid, vm }, (seen) => {
    const other = [...seen.kept, ...(seen.live ?? [])].find(
      ({ target, source }) => target === disk.target && source !== disk.source,
    );
    if (other !== undefined)
      return { state: 'foreign', what: `Disk ${disk.target} of ${vm} (${other.source ?? 'no volume'})` };
    return { state: kept(seen, disk) && (seen.live === null || held(seen, disk)) ? so : not };
  });
}

/** A look at the VM's disks. */
export function lookFor(
  { driver, uuid, vm }: Pick<At, 'driver' | 'uuid' | 'vm'>,
  judge: (seen: DisksSeen) => Seen,
): HostCall<Seen> {
  return reading(driver.disks.seen(uuid), (seen) =>
    seen === null ? { state: 'foreign', what: `No domain for ${vm}, which should be there: its absence` } : judge(seen),
  );
}

const is =
  (disk: DiskAt) =>
  ({ source }: DiskSeen): boolean =>
    source === disk.source;

function kept(seen: DisksSeen, disk: DiskAt): boolean {
  return seen.kept.some(is(disk));
}

function held(seen: DisksSeen, disk: DiskAt): boolean {
  return seen.live?.some(is(disk)) === true;
}
