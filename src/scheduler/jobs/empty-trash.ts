import { fullName, type Vm } from '../../domain/vm.ts';
import { carryOut } from '../carry-out.ts';
import type { Job, JobDeps } from '../job.ts';

export const emptyTrash: Job = {
  name: 'empty-trash',
  summary: 'Purge VMs that were in the trash for longer than the retention',
  when: { every: 'hour', minute: 7 },
  per: 'platform',
  missed: 'run-once',
  run: async (deps) => {
    const { rows, clock, settings } = deps;
    const due = rows.vms
      .trashed(null, null)
      .filter((vm) => clock.now() - (vm.trashedAt ?? clock.now()) > settings().trashMs);
    for (const vm of due) await purge(vm, deps);
    return due.length === 0 ? '' : `${due.length} to purge`;
  },
};

async function purge(vm: Vm, { clock, service, log }: JobDeps): Promise<void> {
  const error = await carryOut(service, {
    name: 'vm.purge',
    input: { vm: fullName(vm), id: vm.id },
    why: ['the trash is emptied', 'its time in the trash is over'],
    dedupe: `purge:${vm.id}:${new Date(clock.now()).toISOString().slice(0, 10)}`,
  });
  if (error !== null) log.warn('a VM could not be purged from the trash', { vm: fullName(vm), error });
}
