import type { Retention } from '../domain/retention.ts';
import type { Snapshot } from '../domain/snapshot.ts';

/** What is kept of the snapshots, or the backups, that the schedule makes of a VM. */
export interface KeepSchedule {
  readonly vmId: string;
  readonly retention: Retention;
  readonly setBy: string;
  readonly setAt: number;
}

/** The schedules' rows; one of a VM at most. */
export interface KeepScheduleRows {
  /** All of them, by VM. */
  readonly schedules: () => readonly KeepSchedule[];
  readonly setSchedule: (schedule: KeepSchedule) => void;
  readonly endSchedule: (vmId: string) => void;
}

/** The snapshots' rows, and where each VM's disks stand among them. */
export interface SnapshotRows extends KeepScheduleRows {
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
}
