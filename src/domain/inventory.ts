/**
 * The state of the world: what a host reported, and when. (The state of record, what we decided, is in SQLite's rows.)
 * Sizes are bytes, times of instants are epoch milliseconds.
 */

/** libvirt's domain states, in its own words. */
export const DOMAIN_STATES = [
  'no state',
  'running',
  'idle',
  'paused',
  'in shutdown',
  'shut off',
  'crashed',
  'pmsuspended',
] as const;
export type DomainState = (typeof DOMAIN_STATES)[number];

export interface DomainSeen {
  readonly uuid: string;
  readonly name: string;
  readonly state: DomainState;
  /** libvirt's reason: 'user', 'ioerror', 'shutdown', 'booted' …; '' where it gave none. */
  readonly reason: string;
  readonly vcpus: number;
  /** Memory that the guest may have at most. */
  readonly memoryBytes: number;
  /** What its balloon leaves it of that now; of one that is off, what it starts with. Left out where libvirt doesn't say. */
  readonly balloonBytes?: number;
  /** CPU nanoseconds used since the start; null when off. */
  readonly cpuTimeNs: number | null;
}

export interface VolumeSeen {
  readonly vg: string;
  readonly name: string;
  readonly sizeBytes: number;
  readonly kind: 'thin' | 'thick' | 'thin-pool';
  /** Thin pool it draws from; null for thick volumes and pools. */
  readonly pool: string | null;
  readonly origin: string | null;
  readonly tags: readonly string[];
  /** Per cent of the volume (of the pool's data, for a pool) in use; null for thick and inactive ones. */
  readonly dataPercent: number | null;
  readonly metadataPercent: number | null;
  readonly active: boolean;
  /** Some process (a running VM, a mount) holds it open. */
  readonly open: boolean;
}

export interface GroupSeen {
  readonly name: string;
  readonly sizeBytes: number;
  readonly freeBytes: number;
  readonly extentBytes: number;
}

/** One sweep's answer. A part that could not be read is null, and `problems` says why: half an answer is still an answer. */
export interface Observation {
  readonly kernel: string;
  readonly cpus: number;
  readonly memoryBytes: number;
  readonly memoryAvailableBytes: number;
  /** Load average of one minute. */
  readonly load: number;
  readonly uptimeSeconds: number;
  readonly libvirt: string | null;
  readonly qemu: string | null;
  /** The kernel has it: guests need not be emulated. Null where it did not say. */
  readonly kvm: boolean | null;
  readonly domains: readonly DomainSeen[] | null;
  readonly groups: readonly GroupSeen[] | null;
  readonly volumes: readonly VolumeSeen[] | null;
  readonly problems: readonly { readonly part: string; readonly message: string }[];
}
