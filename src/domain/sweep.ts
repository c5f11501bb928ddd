/**
 * What the sweep of each minute brings beyond the observation: gauges, which say how it is now, and counters, which only tell
 * something when two sweeps are compared. A part that could not be read is null.
 */
import type { Observation } from './inventory.ts';

export interface Sweep {
  readonly observation: Observation;
  readonly gauges: HostGauges;
  readonly counters: Counters;
  /** Guests that run, by UUID. */
  readonly guests: ReadonlyMap<string, GuestGauges>;
  /** The guests that were asked one by one, a few in each sweep. */
  readonly probes: readonly Probe[];
}

export interface HostGauges {
  /** The host's clock, and how long the host went on working after it was read. */
  readonly clock: { readonly at: number; readonly restMs: number } | null;
  /** Per cent of the last minute in which some task waited for it; null where the kernel doesn't tell. */
  readonly pressure: { readonly cpu: number | null; readonly memory: number | null; readonly io: number | null };
  readonly filesystems: readonly FileSystem[] | null;
  readonly failedUnits: readonly string[] | null;
  readonly nfs: NfsSeen | null;
}

/** A local file system. */
export interface FileSystem {
  readonly target: string;
  readonly sizeBytes: number;
  /** Of what users may have, as `df` counts. */
  readonly usedPercent: number;
  /** Null where the file system has no fixed number of them (btrfs, vfat). */
  readonly inodePercent: number | null;
}

export interface NfsSeen {
  readonly mounts: readonly string[];
  /** Mounts that answered with an error, and which: `/mnt/images: Stale file handle`. */
  readonly stale: readonly string[];
  /** One of them did not answer in time. */
  readonly silent: boolean;
}

/** Numbers that only grow, until their host or guest starts anew. */
export interface Counters {
  readonly uptimeSeconds: number;
  readonly cpu: CpuTicks | null;
  /** Pages of 4 KiB. */
  readonly swapIn: number | null;
  readonly swapOut: number | null;
  readonly oomKills: number | null;
  /** Whole disks, by device. */
  readonly disks: Readonly<Record<string, IoCounters>>;
  /** Thin pools, as the sum over the volumes in them, by name. */
  readonly pools: Readonly<Record<string, IoCounters>>;
  /** Guests that run, by UUID. */
  readonly guests: Readonly<Record<string, GuestCounters>>;
}

export interface CpuTicks {
  readonly all: number;
  readonly idle: number;
  readonly iowait: number;
  readonly steal: number;
}

export interface IoCounters {
  readonly readBytes: number;
  readonly writeBytes: number;
  /** Milliseconds in which anything was under way. */
  readonly busyMs: number;
}

export interface GuestCounters {
  /** CPU time of this run: less than before is another run. */
  readonly cpuNs: number | null;
  /** Time that its vCPUs waited for the host. */
  readonly delayNs: number | null;
  readonly readBytes: number | null;
  readonly writeBytes: number | null;
  readonly rxBytes: number | null;
  readonly txBytes: number | null;
}

export interface GuestGauges {
  readonly vcpus: number;
  /** Null where the guest's balloon driver doesn't tell. */
  readonly memoryPercent: number | null;
}

/** What one guest said when it was asked. */
export interface Probe {
  readonly uuid: string;
  /** `none`: it has no agent's channel; null: it could not be asked. */
  readonly agent: 'answers' | 'silent' | 'none' | null;
  /** Null where nobody could be asked. */
  readonly hasAddress: boolean | null;
}
