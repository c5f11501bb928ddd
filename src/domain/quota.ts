import { BotError } from './error.ts';
import { type Amounts, add } from './plan.ts';
import type { Quota, Team } from './settings.ts';
import { formatSize } from './size.ts';
import { diskBytes, type Vm } from './vm.ts';

/** What VMs hold of a team's quota or of a host's room. */
export function amountsOf(vms: readonly Pick<Vm, 'vcpus' | 'memoryBytes' | 'disks'>[]): Amounts {
  let sum: Amounts = { vms: 0, vcpus: 0, memoryBytes: 0, diskBytes: 0 };
  for (const vm of vms) {
    sum = add(sum, { vms: 1, vcpus: vm.vcpus, memoryBytes: vm.memoryBytes, diskBytes: diskBytes(vm) });
  }
  return sum;
}

const PARTS = [
  { key: 'vms', word: 'VMs', show: String },
  { key: 'vcpus', word: 'vCPUs', show: String },
  { key: 'memoryBytes', word: 'memory', show: formatSize },
  { key: 'diskBytes', word: 'disk', show: formatSize },
] as const;

/**
 * The one place where quota is checked. `used` counts what is under way too.
 * Throws `quota_exceeded`, which names each part that is missing and how much.
 */
export function checkQuota(team: Team, used: Amounts, wants: Amounts): void {
  const limit: Quota = team.quota;
  const missing: string[] = [];
  for (const { key, word, show } of PARTS) {
    const over = used[key] + wants[key] - limit[key];
    if (wants[key] > 0 && over > 0) {
      missing.push(
        `${word}: ${show(used[key])} of ${show(limit[key])} used, ${show(wants[key])} more asked, ${show(over)} too much`,
      );
    }
  }
  if (missing.length === 0) return;
  throw new BotError('quota_exceeded', `Team ${team.name} has not enough quota left (${missing.join('; ')})`, {
    hint: 'Take a smaller flavor, delete a VM that nobody needs (`/vm list`), or ask an admin for more quota.',
  });
}
