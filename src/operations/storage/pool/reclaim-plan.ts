import { type Backup, type BackupBase, fullBackupName } from '../../../domain/backup.ts';
import { shortName } from '../../../domain/disk.ts';
import type { VolumeSeen } from '../../../domain/inventory.ts';
import type { HostSettings, Settings } from '../../../domain/settings.ts';
import type { Snapshot } from '../../../domain/snapshot.ts';
import { fullName, type Vm } from '../../../domain/vm.ts';
import {
  type ExpiredSnapshot,
  expiredDisks,
  expiredSnapshots,
  expiredVms,
  type TrashedDisk,
  trashedDisks,
} from '../../expired.ts';
import type { Rows } from '../../store.ts';
import { ownVolumes } from '../../vm/delete.ts';

/** What a pool would be rid of. */
export interface Reclaimable {
  readonly snapshots: readonly ExpiredSnapshot[];
  readonly disks: readonly TrashedDisk[];
  readonly vms: readonly Vm[];
  /** What is kept of backups, so that the next one need not read all: it can. */
  readonly bases: readonly KeptBase[];
  /** What stays although its time is over, and why; for the plan. */
  readonly spared: readonly string[];
}

/** One plan holds no more: the rest comes with the next. */
const MOST = 40;

/** What may go of a host's pool: what is past its time; with `trash`, all in the trash. */
export function reclaimable(
  rows: Rows,
  settings: Settings,
  host: HostSettings,
  trash: boolean,
  now: number,
): Reclaimable {
  const here = ({ host: on }: Vm) => on === host.name;
  const trashed = (trash ? rows.vms.trashed(null, null) : expiredVms(rows, settings, now)).filter(here);
  const guarded = trashed.flatMap((vm) => {
    const snapshot = rows.snapshots.of(vm.id).find((each) => each.protected);
    return snapshot === undefined ? [] : [{ vm, why: `its snapshot ${snapshot.name} is protected` }];
  });
  const due = {
    snapshots: expiredSnapshots(rows, settings, now).filter(({ vm }) => here(vm)),
    vms: trashed.filter((vm) => !guarded.some((each) => each.vm.id === vm.id)),
  };
  const disks = (trash ? trashedDisks(rows) : expiredDisks(rows, settings, now)).filter(({ vm }) => here(vm));
  const last = lastOnes(due, rows);
  return {
    snapshots: due.snapshots.filter(({ snapshot }) => !last.has(snapshot.id)),
    vms: due.vms.filter((vm) => rows.snapshots.of(vm.id).every(({ id }) => !last.has(id))),
    disks,
    bases: keptBases(rows, host.name, due.vms),
    spared: [
      ...guarded.map(({ vm, why }) => `${fullName(vm)} in the trash: ${why}`),
      ...[...last.values()].map(({ name, team }) => `snapshot ${name}: it is the last that ${team} has`),
    ],
  };
}

export interface KeptBase {
  readonly backup: Backup;
  readonly base: BackupBase;
}

/** Of VMs that stay: what is kept of the others goes with them. */
function keptBases(rows: Rows, host: string, going: readonly Vm[]): KeptBase[] {
  return rows.backups
    .list(null)
    .flatMap((backup) => (backup.base !== null && backup.host === host ? [{ backup, base: backup.base }] : []))
    .filter(({ backup }) => !going.some(({ id }) => id === backup.vmId));
}

/** Where all of a team's snapshots would go, the newest: it stays, and so does the VM in the trash that has it. By id. */
function lastOnes({ snapshots, vms }: Pick<Reclaimable, 'snapshots' | 'vms'>, rows: Rows) {
  const going = new Set([
    ...snapshots.map(({ snapshot }) => snapshot.id),
    ...vms.flatMap((vm) => rows.snapshots.of(vm.id).map(({ id }) => id)),
  ]);
  const last = new Map<string, { readonly name: string; readonly team: string }>();
  for (const team of new Set([...snapshots.map(({ vm }) => vm), ...vms].map((vm) => vm.team))) {
    const [newest, ...older] = snapshotsOf(team, rows).sort((a, b) => b.takenAt - a.takenAt);
    if (newest === undefined || [newest, ...older].some(({ id }) => !going.has(id))) continue;
    last.set(newest.id, { name: newest.name, team });
  }
  return last;
}

/** All that are ready, wherever the VM is, in the trash or out of it. */
function snapshotsOf(team: string, rows: Rows): Snapshot[] {
  return [...rows.vms.list(team), ...rows.vms.trashed(team, null)]
    .flatMap(({ id }) => rows.snapshots.of(id))
    .filter(({ state }) => state === 'ready');
}

/** The first of it that a plan holds, and how many are left for the next. */
export function firstOf({ snapshots, disks, vms, bases }: Reclaimable): Pick<
  Reclaimable,
  'snapshots' | 'disks' | 'vms' | 'bases'
> & {
  readonly left: number;
} {
  const room = (used: number) => Math.max(0, MOST - used);
  const taken = {
    snapshots: snapshots.slice(0, MOST),
    disks: disks.slice(0, room(snapshots.length)),
    vms: vms.slice(0, room(snapshots.length + disks.length)),
    bases: bases.slice(0, room(snapshots.length + disks.length + vms.length)),
  };
  const count = (of: Pick<Reclaimable, 'snapshots' | 'disks' | 'vms' | 'bases'>) =>
    of.snapshots.length + of.disks.length + of.vms.length + of.bases.length;
  return { ...taken, left: count({ snapshots, disks, vms, bases }) - count(taken) };
}

/** A line for each thing that goes, with what it holds at most: what others share stays. */
export function linesFor(
  { snapshots, disks, vms, bases }: Pick<Reclaimable, 'snapshots' | 'disks' | 'vms' | 'bases'>,
  rows: Rows,
  volumes: readonly VolumeSeen[],
): readonly { readonly text: string; readonly bytes: number }[] {
  const held = (names: readonly { readonly vg: string; readonly name: string }[]) =>
    names.reduce((sum, { vg, name }) => sum + heldBy(volumes.find((it) => it.vg === vg && it.name === name)), 0);
  return [
    ...snapshots.map(({ vm, snapshot, why }) => ({
      text: `snapshot ${snapshot.name} of ${fullName(vm)} (${why})`,
      bytes: held(snapshot.disks.map(({ vg, volume }) => ({ vg, name: volume }))),
    })),
    ...disks.map(({ vm, disk }) => ({
      text: `disk ${shortName(disk.volume)} of ${fullName(vm)}, in the trash`,
      bytes: held([{ vg: disk.vg, name: disk.volume }]),
    })),
    ...bases.map(({ backup, base }) => ({
      text: `what is kept of backup ${fullBackupName(backup)} in the pool, so that the next one is a full one`,
      bytes: held(base.disks.map(({ vg, volume }) => ({ vg, name: volume }))),
    })),
    ...vms.map((vm) => ({
      text: `VM ${fullName(vm)}, in the trash, with its disks and snapshots`,
      bytes: held([
        ...ownVolumes(vm).map(({ vg, volume }) => ({ vg, name: volume })),
        ...rows.snapshots.of(vm.id).flatMap(({ disks: its }) => its.map(({ vg, volume }) => ({ vg, name: volume }))),
      ]),
    })),
  ];
}

/** A snapshot isn't active, and then LVM does not tell: it holds its size at most. */
function heldBy(volume: VolumeSeen | undefined): number {
  if (volume === undefined || volume.pool === null) return 0;
  return Math.ceil((volume.sizeBytes * (volume.dataPercent ?? 100)) / 100);
}
