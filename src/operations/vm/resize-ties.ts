import { BotError } from '../../domain/error.ts';
import type { Sizing } from '../../domain/sizing.ts';
import type { SizeSeen } from '../size-verbs.ts';

const BY_HAND = 'It was set by hand: have an admin change it with `virsh edit` first.';

/** The maxima that its definition allows. A layout of CPUs or of memory, which only a person can have made, fixes its maximum. */
export function refuseShape(name: string, { kept, topology, numa, pinned }: SizeSeen, to: Sizing): Sizing {
  if (topology && to.vcpus > kept.maxVcpus) {
    throw new BotError('wrong_state', `${name} has a CPU layout of its own, for ${kept.maxVcpus} vCPUs at most`, {
      hint: BY_HAND,
      field: 'vcpus',
    });
  }
  if (numa && to.memoryBytes > kept.maxMemoryBytes) {
    throw new BotError('wrong_state', `${name} has NUMA cells of its own, whose memory can’t grow with it`, {
      hint: BY_HAND,
      field: 'memory',
    });
  }
  // libvirt drops the pins of vCPUs above the maximum.
  const lastPinned = Math.max(0, ...pinned.map((vcpu) => vcpu + 1));
  return {
    ...to,
    maxVcpus: topology ? kept.maxVcpus : Math.max(to.maxVcpus, lastPinned),
    maxMemoryBytes: numa ? kept.maxMemoryBytes : to.maxMemoryBytes,
  };
}

/** Refuses a size for which the pins that are there would no longer hold. */
export function refusePins(name: string, { kept, pinned, cpus }: SizeSeen, to: Sizing): void {
  if (to.vcpus <= kept.vcpus) return;
  const loose = Array.from({ length: to.vcpus }, (_, vcpu) => vcpu).filter((vcpu) => !pinned.includes(vcpu));
  if (pinned.length > 0 && loose.length > 0) {
    throw new BotError(
      'wrong_state',
      `The vCPUs of ${name} are pinned one by one, and ${loose.map((vcpu) => `vCPU ${vcpu}`).join(', ')} would have no pin`,
      { hint: 'Have an admin pin it first, with `virsh vcpupin … --config`.', field: 'vcpus' },
    );
  }
  if (cpus !== null && to.vcpus > cpus.length) {
    throw new BotError(
      'wrong_state',
      `The vCPUs of ${name} may run on ${cpus.length} of its host’s CPUs (${cpus.join(', ')}), which are fewer than ${to.vcpus}`,
      { hint: 'Ask for fewer vCPUs, or have an admin widen its cpuset with `virsh edit`.', field: 'vcpus' },
    );
  }
}
