import type { Retention } from '../domain/retention.ts';
import type { Snapshot } from '../domain/snapshot.ts';

/** What is kept of the snapshots that the schedule takes of a VM. */
export interface SnapshotSchedule {
  readonly vmId: string;
  readonly retention: Retention;
  readonly setBy: string;
  readonly setAt: number;
}

/** The snapshots' rows, and where each VM's disks stand among them. */
export interface SnapshotRows {
  /** Of a VM, newest first. */
  readonly of: (vmId: string) => readonly Snapshot[];
  readonly insert: (row: Snapshot) => void;
  readonly update: (
    id: string,
    change: Partial<Pick<Snapshot, 'state' | 'consistency' | 'takenAt' | 'protected'>>,
  ) => void;
  /** Those that came from it come from its parent then. */
  readonly forget: (id: string) => void;
  /** The snapshot that the VM's disks stand on; null where there is none. */
  readonly head: (vmId: string) => string | null;
  readonly setHead: (vmId: string, snapshotId: string | null) => void;
  /** All of them, by VM. */
  readonly schedules: () => readonly SnapshotSchedule[];
  readonly setSchedule: (schedule: SnapshotSchedule) => void;
  readonly endSchedule: (vmId: string) => void;
}
