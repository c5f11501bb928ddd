/** Snapshots of VMs: what is kept of each, and what may be done with it. */
import type { DomainSeen } from './inventory.ts';
import { inNames } from './marks.ts';

/**
 * What the disks of a snapshot hold. `application`: the guest had shut down in order. `filesystem`: its filesystems were frozen.
 * `crash`: as after a cut of the power, at one point of time.
 */
export const CONSISTENCIES = ['application', 'filesystem', 'crash'] as const;
export type Consistency = (typeof CONSISTENCIES)[number];

export const CONSISTENCY_WORDS: Readonly<Record<Consistency, string>> = {
  application: 'application-consistent (the guest was shut down)',
  filesystem: 'filesystem-consistent (frozen through the guest agent)',
  crash: 'crash-consistent (as after a power cut)',
};

/** Who wanted it: a person, an operation that changes the VM, the schedule. */
export const SNAPSHOT_ORIGINS = ['person', 'operation', 'schedule'] as const;

export interface SnapshotDisk {
  /** `vda` … */
  readonly target: string;
  readonly vg: string;
  /** `snap-<id>-d0`. */
  readonly volume: string;
  /** The disk that it is a snapshot of. */
  readonly of: string;
  readonly sizeBytes: number;
}

export interface Snapshot {
  readonly id: string;
  readonly vmId: string;
  /** Unique among the VM's snapshots. */
  readonly name: string;
  readonly origin: (typeof SNAPSHOT_ORIGINS)[number];
  readonly state: 'taking' | 'ready' | 'faulted';
  readonly consistency: Consistency;
  readonly protected: boolean;
  /** The snapshot that the VM's disks came from or stood at before; null for the first. */
  readonly parent: string | null;
  readonly disks: readonly SnapshotDisk[];
  readonly madeBy: string;
  readonly takenAt: number;
}

/**
 * What is done so that all disks are caught at one point: nothing, the guest's filesystems frozen, its CPUs stopped, or both: frozen, and
 * stopped for that moment, since an agent that answers may have nothing to freeze or not come to its end.
 */
export const HOLDS = ['none', 'freeze', 'suspend', 'both'] as const;
export type Hold = (typeof HOLDS)[number];

export interface HoldQuestion {
  readonly state: DomainSeen['state'];
  /** The guest agent answers, and can freeze. */
  readonly agent: boolean;
  readonly disks: number;
}

/** A single disk without agent needs no pause: LVM's snapshot is one point already. Nothing is written while the VM is off or suspended. */
export function holdFor({ state, agent, disks }: HoldQuestion): Hold {
  if (state !== 'running' && state !== 'idle') return 'none';
  if (disks > 1) return agent ? 'both' : 'suspend';
  return agent ? 'freeze' : 'none';
}

/** Whether the guest agent is asked to freeze. */
export function freezes(hold: Hold): boolean {
  return hold === 'freeze' || hold === 'both';
}

/** What a snapshot taken with this hold will be, if nothing is in the way. */
export function consistencyOf(domain: Pick<DomainSeen, 'state' | 'reason'>, hold: Hold): Consistency {
  if (freezes(hold)) return 'filesystem';
  return domain.state === 'shut off' && domain.reason === 'shutdown' ? 'application' : 'crash';
}

/** `snap-1`, `snap-2` …: the first one that is free. */
export function freeSnapshotName(taken: readonly string[]): string {
  const names = new Set(taken);
  let number = 1;
  while (names.has(`snap-${number}`)) number += 1;
  return `snap-${number}`;
}

/** The volume of a snapshot's nth disk. LVM reserves names that begin with `snapshot`, not these. */
export function snapshotVolume(snapshotId: string, index: number): string {
  return `${inNames(snapshotId)}-d${index}`;
}
