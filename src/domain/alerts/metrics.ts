/** What rules may ask of hosts, pools, VMs, teams and the fleet. */

/** `flag` is so or isn't; the others are numbers with a unit. */
export type Unit = 'flag' | 'percent' | 'number' | 'ms' | 'bytes' | 'bytes/s';

export interface MetricInfo {
  readonly unit: Unit;
  /** As a message's title: `CPU use`, `VM is down`. */
  readonly label: string;
}

const percent = (label: string): MetricInfo => ({ unit: 'percent', label });
const flag = (label: string): MetricInfo => ({ unit: 'flag', label });
const number = (label: string): MetricInfo => ({ unit: 'number', label });

export const METRICS = {
  host: {
    unreachable: flag('Host can’t be reached'),
    libvirt_down: flag('libvirt doesn’t answer'),
    kvm_missing: flag('KVM is missing'),
    nfs_bad: flag('NFS doesn’t answer'),
    cpu: percent('CPU use'),
    steal: percent('CPU time stolen'),
    iowait: percent('CPU time waiting for disks'),
    memory: percent('Memory use'),
    pressure_cpu: percent('Pressure on CPU'),
    pressure_memory: percent('Pressure on memory'),
    pressure_io: percent('Pressure on disks'),
    disk: percent('File system use'),
    inodes: percent('Inode use'),
    disk_busy: percent('Disk busy'),
    load: number('Load'),
    failed_units: number('Failed units'),
    oom_kills: number('Killed for want of memory'),
    skew: { unit: 'ms', label: 'Clock is off' },
    vg_free: { unit: 'bytes', label: 'Free space in the volume group' },
    swap_in: { unit: 'bytes/s', label: 'Swapping in' },
    swap_out: { unit: 'bytes/s', label: 'Swapping out' },
  },
  pool: {
    data: percent('Thin pool data use'),
    metadata: percent('Thin pool metadata use'),
  },
  vm: {
    down: flag('VM is down'),
    paused: flag('VM is paused'),
    boot_loop: flag('VM starts again and again'),
    restarts_spent: flag('VM is not started again any more'),
    agent_silent: flag('Guest agent is silent'),
    no_address: flag('VM has no address'),
    cpu: percent('CPU use'),
    memory: percent('Memory use'),
    cpu_wait: percent('VM waits for CPU'),
    disk: percent('Filesystem use in the guest'),
  },
  team: {
    vms: percent('Quota of VMs used'),
    vcpus: percent('Quota of vCPUs used'),
    memory: percent('Quota of memory used'),
    disk: percent('Quota of disk used'),
    burn_fast: number('Error budget is used up fast'),
    burn_slow: number('Error budget is used up for hours'),
  },
  fleet: {
    hosts_down: number('Hosts that can’t be reached'),
    vcpus: percent('vCPUs promised'),
    memory: percent('Memory promised'),
    disk: percent('Disk promised'),
    burn_fast: number('Error budget is used up fast'),
    burn_slow: number('Error budget is used up for hours'),
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, MetricInfo>>>>;

export const SUBJECTS = ['host', 'pool', 'vm', 'team', 'fleet'] as const satisfies readonly (keyof typeof METRICS)[];
export type SubjectKind = (typeof SUBJECTS)[number];

/** The metrics of a kind of subject, by name. */
export function metricsOf(subject: SubjectKind): Readonly<Record<string, MetricInfo>> {
  return METRICS[subject];
}
