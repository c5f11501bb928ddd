import type { DomainSeen, VolumeSeen } from '../../domain/inventory.ts';
import { opTag, snapTag } from '../../domain/marks.ts';
import type { Driver, FreezeState, SnapshotSpec } from '../driver.ts';
import type { HostCall } from '../ports.ts';
import type { Seen, Step, Wait } from '../step.ts';
import { both, reading } from './call.ts';

interface At {
  readonly driver: Driver;
  readonly host: string;
  /** `team/name`, for titles. */
  readonly vm: string;
}

/** An agent that hung while it froze may come to itself later: its guest is let go then. */
const PATIENCE: Pick<Wait, 'forMs' | 'everyMs' | 'askAgainMs'> = { forMs: 120_000, everyMs: 2_000, askAgainMs: 5_000 };

/** Is the guest held still, or waits the watchdog yet? Null where nothing was held. */
function held({ driver }: At, { uuid, hold, marks }: SnapshotSpec): HostCall<boolean> | null {
  if (hold === 'none') return null;
  const frozen = reading(driver.snapshots.freezeState(uuid), (state: FreezeState) => state === 'frozen');
  const paused = reading(driver.domains.look(uuid), (seen: DomainSeen | null) => seen?.state === 'paused');
  const still: HostCall<boolean> = {
    freeze: frozen,
    suspend: paused,
    both: reading(both(frozen, paused), (held) => held.includes(true)),
  }[hold];
  return reading(both(still, driver.snapshots.watched(marks.op)), ([guest, watchdog]) => guest || watchdog);
}

/**
 * Snapshots of all disks at one point. Its look never says done: what a call took that was cut off may be of several points, or of a
 * guest that was not frozen, so it is taken again, and that call lets the guest go as well.
 */
export function takeSnapshot(at: At, spec: SnapshotSpec): Step {
  const { driver, host } = at;
  const tag = snapTag(spec.snapshot);
  const mine = (volumes: readonly VolumeSeen[]) => volumes.some(({ tags }) => tags.includes(opTag(spec.marks.op)));
  const volumes = driver.volumes.byTag(spec.vg, tag);
  const isHeld = held(at, spec);
  const left = (found: readonly VolumeSeen[], still: boolean): Seen =>
    mine(found) || still ? { state: 'done' } : { state: 'absent' };
  return {
    name: `take-snapshot:${spec.snapshot}`,
    title: titleOf(at.vm, spec),
    host,
    act: driver.snapshots.take(spec),
    look: reading(volumes, (found): Seen => {
      const other = found.find(({ tags }) => !tags.includes(opTag(spec.marks.op)));
      return other === undefined ? { state: 'absent' } : { state: 'foreign', what: `Volume ${other.vg}/${other.name}` };
    }),
    undo: {
      act: driver.snapshots.drop(spec),
      look:
        isHeld === null
          ? reading(volumes, (found) => left(found, false))
          : reading(both(volumes, isHeld), ([found, still]) => left(found, still)),
      wait: {
        ...PATIENCE,
        late: {
          message: `The guest of ${at.vm} may still be held: it does not let itself be released`,
          hint: 'Look at it on its host: `virsh domfsthaw`, or `virsh resume`.',
        },
      },
    },
  };
}

function titleOf(vm: string, { disks, hold }: SnapshotSpec): string {
  const what = disks.length === 1 ? 'its disk' : `its ${disks.length} disks at one point`;
  const how = {
    none: '',
    freeze: ', filesystems frozen',
    suspend: ', suspended for that moment',
    both: ', filesystems frozen, and suspended for that moment',
  }[hold];
  return `Take a snapshot of ${vm}: ${what}${how}`;
}

/** Makes sure that the guest goes on. What is held longer than the patience is left to the host's watchdog. */
export function letGuestGoOn(at: At, spec: SnapshotSpec): Step[] {
  const isHeld = held(at, spec);
  if (isHeld === null) return [];
  return [
    {
      name: 'let-guest-go-on',
      title: `See that the guest of ${at.vm} goes on`,
      host: at.host,
      act: at.driver.snapshots.release(spec),
      look: reading(isHeld, (still): Seen => (still ? { state: 'absent' } : { state: 'done' })),
      wait: { ...PATIENCE, late: 'go-on' },
      undo: 'nothing-to-undo',
    },
  ];
}

/** Tags of a volume changed; undo changes them back. */
export function tagVolume(
  { driver, host }: At,
  volume: { readonly vg: string; readonly name: string },
  tags: { readonly add: readonly string[]; readonly remove: readonly string[] },
): Step {
  const { add, remove } = tags;
  const look = (done: Seen['state'] & ('done' | 'absent'), not: Seen['state'] & ('done' | 'absent')) =>
    reading(driver.volumes.look(volume), (seen): Seen => {
      if (seen === null) return { state: 'foreign', what: `No volume ${volume.vg}/${volume.name}: its absence` };
      const so = add.every((tag) => seen.tags.includes(tag)) && !remove.some((tag) => seen.tags.includes(tag));
      return { state: so ? done : not };
    });
  const back = (seen: VolumeSeen | null): Seen => {
    if (seen === null) return { state: 'absent' };
    const was = remove.every((tag) => seen.tags.includes(tag)) && !add.some((tag) => seen.tags.includes(tag));
    return { state: was ? 'absent' : 'done' };
  };
  return {
    name: `tag-volume:${volume.name}`,
    title: `Mark ${volume.name} as part of the snapshot`,
    host,
    act: driver.volumes.retag({ ...volume, add, remove }),
    look: look('done', 'absent'),
    undo: {
      act: driver.volumes.retag({ ...volume, add: remove, remove: add }),
      look: reading(driver.volumes.look(volume), back),
    },
  };
}
