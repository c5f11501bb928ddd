import { prunable } from '../domain/retention.ts';
import type { Settings } from '../domain/settings.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import type { Vm } from '../domain/vm.ts';
import type { DetachedDisk } from './detached-rows.ts';
import type { Rows } from './store.ts';

/** A snapshot whose time is over, and by which word. */
export interface ExpiredSnapshot {
  readonly vm: Vm;
  readonly snapshot: Snapshot;
  readonly why: string;
}

/** A disk in the trash, and the VM that it was detached from. */
export interface TrashedDisk {
  readonly vm: Vm;
  readonly disk: DetachedDisk;
}

/** What schedules give up, and what operations kept before a change for longer than they may. Never one that is protected. */
export function expiredSnapshots(rows: Rows, settings: Settings, now: number): ExpiredSnapshot[] {
  return [...givenUp(rows, settings), ...keptTooLong(rows, settings, now)];
}

function givenUp(rows: Rows, { teams, timezone }: Settings): ExpiredSnapshot[] {
  return rows.snapshots.schedules().flatMap(({ vmId, retention }) => {
    const vm = rows.vms.byId(vmId);
    if (vm?.life !== 'live') return [];
    const zone = teams.find(({ name }) => name === vm.team)?.timezone ?? timezone;
    const its = rows.snapshots.of(vm.id).filter(({ origin, state }) => origin === 'schedule' && state === 'ready');
    return prunable(its, retention, zone).map((snapshot) => ({ vm, snapshot, why: 'the retention gives it up' }));
  });
}

function keptTooLong(rows: Rows, { snapshots }: Settings, now: number): ExpiredSnapshot[] {
  return rows.vms
    .list(null)
    .filter(({ life }) => life === 'live')
    .flatMap((vm) =>
      rows.snapshots
        .of(vm.id)
        .filter(({ origin, state }) => origin === 'operation' && state === 'ready')
        .filter((snapshot) => !snapshot.protected && now - snapshot.takenAt >= snapshots.beforeChangeMs)
        .map((snapshot) => ({ vm, snapshot, why: 'its time as a way back is over' })),
    );
}

/** VMs in the trash for longer than the retention. */
export function expiredVms(rows: Rows, { trashMs }: Settings, now: number): Vm[] {
  return rows.vms.trashed(null, null).filter(({ trashedAt }) => now - (trashedAt ?? now) > trashMs);
}

/** Disks in the trash. Those of a VM that is in the trash itself go with it. */
export function trashedDisks(rows: Rows): TrashedDisk[] {
  return rows.detached.of(null).flatMap((disk): TrashedDisk[] => {
    const vm = rows.vms.byId(disk.vmId);
    return vm?.life === 'live' ? [{ vm, disk }] : [];
  });
}

/** Those that are there for longer than the retention. */
export function expiredDisks(rows: Rows, { trashMs }: Settings, now: number): TrashedDisk[] {
  return trashedDisks(rows).filter(({ disk }) => now - disk.detachedAt > trashMs);
}
