import type { DomainSeen } from './inventory.ts';

/** What a VM is to people and scripts. Derived from our row and what the host last said; see `vmState`. */
export const VM_STATES = [
  'creating',
  'running',
  'shutoff',
  'paused',
  'suspended',
  'crashed',
  'faulted',
  'trashed',
  'missing',
  'unknown',
] as const;
export type VmState = (typeof VM_STATES)[number];

/** Where a VM is in its life, as we decided it. */
export type VmLife = 'creating' | 'live' | 'trashed' | 'purged' | 'faulted';

export interface Disk {
  /** `vda` … */
  readonly target: string;
  readonly vg: string;
  /** The LV's name now; `trash-…` while the VM is in the trash. */
  readonly volume: string;
  readonly sizeBytes: number;
  readonly kind: 'thin' | 'thick' | 'existing';
}

/** A VM's row: the state of record, with what the host last reported of it. */
export interface Vm {
  readonly id: string;
  readonly uuid: string;
  readonly team: string;
  readonly name: string;
  /** `team-name`; unique among VMs that are not purged or in the trash. */
  readonly domainName: string;
  readonly host: string;
  readonly life: VmLife;
  readonly vcpus: number;
  readonly memoryBytes: number;
  readonly flavor: string;
  /** Null for VMs from ISO, network or an existing disk. */
  readonly image: string | null;
  readonly login: string | null;
  readonly network: string;
  readonly mac: string;
  readonly address: string | null;
  readonly disks: readonly Disk[];
  /** Path of the seed on the host; null where there is none. */
  readonly seed: string | null;
  readonly autostart: boolean;
  /** The definition, kept while the VM is in the trash. */
  readonly xml: string | null;
  readonly createdBy: string;
  readonly createdAt: number;
  readonly trashedAt: number | null;
  /** What the host said last, and when; null before the first sweep that knew it. */
  readonly seen: {
    readonly state: DomainSeen['state'] | 'missing';
    readonly reason: string;
    readonly at: number;
  } | null;
}

export function fullName(vm: { readonly team: string; readonly name: string }): string {
  return `${vm.team}/${vm.name}`;
}

/** The VM's total disk in bytes. */
export function diskBytes(vm: { readonly disks: readonly Pick<Disk, 'sizeBytes'>[] }): number {
  let sum = 0;
  for (const disk of vm.disks) sum += disk.sizeBytes;
  return sum;
}

/** One word from record and world. `hostAnswers` false means that what the host said last may be long past. */
export function vmState(vm: Pick<Vm, 'life' | 'seen'>, hostAnswers: boolean): VmState {
  if (vm.life === 'creating') return 'creating';
  if (vm.life === 'faulted') return 'faulted';
  if (vm.life === 'trashed' || vm.life === 'purged') return 'trashed';
  if (vm.seen === null || !hostAnswers) return 'unknown';
  switch (vm.seen.state) {
    case 'running':
    case 'idle':
    case 'in shutdown':
      return 'running';
    case 'shut off':
      return vm.seen.reason === 'crashed' ? 'crashed' : 'shutoff';
    case 'paused':
      return vm.seen.reason === 'user' ? 'suspended' : 'paused';
    case 'pmsuspended':
      return 'suspended';
    case 'crashed':
      return 'crashed';
    case 'missing':
      return 'missing';
    default:
      return 'unknown';
  }
}
