import { shortName } from '../../domain/disk.ts';
import { fullName, type Vm } from '../../domain/vm.ts';
import type { DetachedDisk } from '../../operations/detached-rows.ts';
import { carryOut } from '../carry-out.ts';
import type { Job, JobDeps } from '../job.ts';

export const emptyTrash: Job = {
  name: 'empty-trash',
  summary: 'Purge VMs and disks that were in the trash for longer than the retention',
  when: { every: 'hour', minute: 7 },
  per: 'platform',
  missed: 'run-once',
  run: async (deps) => {
    const { rows, clock, settings } = deps;
    const due = rows.vms
      .trashed(null, null)
      .filter((vm) => clock.now() - (vm.trashedAt ?? clock.now()) > settings().trashMs);
    for (const vm of due) await purge(vm, deps);
    const disks = detachedDue(deps);
    for (const disk of disks) await purgeDisk(disk, deps);
    const many = due.length + disks.length;
    return many === 0 ? '' : `${many} to purge`;
  },
};

interface DiskDue {
  readonly vm: Vm;
  readonly disk: DetachedDisk;
}

/** Those of a VM that is in the trash itself go with it. */
function detachedDue({ rows, clock, settings }: JobDeps): DiskDue[] {
  return rows.detached.of(null).flatMap((disk): DiskDue[] => {
    const vm = rows.vms.byId(disk.vmId);
    const over = clock.now() - disk.detachedAt > settings().trashMs;
    return over && vm?.life === 'live' ? [{ vm, disk }] : [];
  });
}

async function purgeDisk({ vm, disk }: DiskDue, { clock, service, log }: JobDeps): Promise<void> {
  const error = await carryOut(service, {
    name: 'vm.disk.purge',
    input: { vm: fullName(vm), disk: shortName(disk.volume) },
    why: ['the trash is emptied', 'its time in the trash is over'],
    // Attached again and detached anew, it is another request.
    dedupe: `purge:${vm.id}/${disk.volume}:${disk.detachedAt}:${new Date(clock.now()).toISOString().slice(0, 10)}`,
  });
  if (error !== null) log.warn('a disk could not be purged from the trash', { vm: fullName(vm), error });
}

async function purge(vm: Vm, { clock, service, log }: JobDeps): Promise<void> {
  const error = await carryOut(service, {
    name: 'vm.purge',
    input: { vm: fullName(vm), id: vm.id },
    why: ['the trash is emptied', 'its time in the trash is over'],
    dedupe: `purge:${vm.id}:${new Date(clock.now()).toISOString().slice(0, 10)}`,
  });
  if (error !== null) log.warn('a VM could not be purged from the trash', { vm: fullName(vm), error });
}
