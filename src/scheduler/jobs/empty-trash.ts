import { shortName } from '../../domain/disk.ts';
import { fullName, type Vm } from '../../domain/vm.ts';
import { expiredDisks, expiredVms, type TrashedDisk } from '../../operations/expired.ts';
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
    const due = expiredVms(rows, settings(), clock.now());
    for (const vm of due) await purge(vm, deps);
    const disks = expiredDisks(rows, settings(), clock.now());
    for (const disk of disks) await purgeDisk(disk, deps);
    const many = due.length + disks.length;
    return many === 0 ? '' : `${many} to purge`;
  },
};

async function purgeDisk({ vm, disk }: TrashedDisk, { clock, service, log }: JobDeps): Promise<void> {
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
