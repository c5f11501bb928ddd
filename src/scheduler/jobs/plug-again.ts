import { fullName, type Vm } from '../../domain/vm.ts';
import type { AskedDisk } from '../../operations/detached-rows.ts';
import { vmLock } from '../../operations/vm/common.ts';
import { carryOut } from '../carry-out.ts';
import type { Job, JobDeps } from '../job.ts';

/** Of hosts it asks only those with such a disk, of which there are few and mostly none. */
export const plugAgain: Job = {
  name: 'plug-again',
  summary: 'Plug disks in again that guests let go of after their detach was rolled back',
  when: { every: 'minute' },
  per: 'platform',
  missed: 'skip',
  run: async (deps) => {
    const plugged = await Promise.all(deps.rows.detached.asked.all().map((disk) => watch(disk, deps)));
    const many = plugged.filter((is) => is).length;
    return many === 0 ? '' : `${many} to plug in again`;
  },
};

/** Whether it is to be plugged in again. What can't come any more is forgotten. */
async function watch(asked: AskedDisk, deps: JobDeps): Promise<boolean> {
  const { rows, fleet, driver } = deps;
  const vm = rows.vms.byId(asked.vmId);
  const forget = () => {
    rows.detached.asked.forget(asked.vmId, asked.target);
    return false;
  };
  // Whatever volume lies behind it by now: the guest was asked for the device.
  const disk = vm?.disks.find(({ target }) => target === asked.target);
  if (vm === null || disk === undefined || vm.life === 'trashed' || vm.life === 'purged') return forget();
  // An operation at work on it knows what it does.
  if (vm.life !== 'live' || rows.locks.holder(vmLock(vm)) !== null) return false;
  const answer = await fleet.run(vm.host, driver.disks.seen(vm.uuid), { lane: 'read' });
  if (answer.outcome !== 'done') return false;
  const path = driver.volumes.devicePath({ vg: disk.vg, name: disk.volume });
  const holds = (disks: readonly { readonly source: string | null }[]) => disks.some(({ source }) => source === path);
  // Off, it holds nothing any more, and starts with all that its definition has.
  if (answer.value === null || answer.value.live === null || !holds(answer.value.kept)) return forget();
  return holds(answer.value.live) ? false : plugIn(vm, asked, deps);
}

async function plugIn(vm: Vm, { target, askedAt }: AskedDisk, deps: JobDeps): Promise<boolean> {
  const { service, settings, clock, log } = deps;
  const error = await carryOut(service, {
    name: 'vm.disk.replug',
    input: { vm: fullName(vm), disk: target },
    why: ['the watch on detached disks', `its guest let go of ${target} after the detach was rolled back`],
    dedupe: `replug:${vm.id}/${target}:${askedAt}:${clock.now()}`,
    channel: settings().teams.find((team) => team.name === vm.team)?.channel ?? null,
  });
  if (error !== null) log.warn('a disk could not be plugged in again', { vm: fullName(vm), target, error });
  return error === null;
}
