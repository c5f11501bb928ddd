import type { Backup, BackupBase } from '../domain/backup.ts';
import type { DrillRows } from './drill-rows.ts';
import type { KeepScheduleRows, SnapshotRows } from './snapshot-rows.ts';

/** What is kept of VMs' disks, and the proof that it serves. */
export interface KeptRows {
  readonly snapshots: SnapshotRows;
  readonly backups: BackupRows;
  readonly drills: DrillRows;
}

/** The backups' rows. */
export interface BackupRows extends KeepScheduleRows {
  /** Of a team, or of all; newest first. */
  readonly list: (team: string | null) => readonly Backup[];
  readonly byId: (id: string) => Backup | null;
  readonly byName: (team: string, vmName: string, number: number) => Backup | null;
  readonly insert: (row: Backup) => void;
  readonly update: (
    id: string,
    change: Partial<Pick<Backup, 'state' | 'consistency' | 'files' | 'takenAt' | 'verifiedAt' | 'marker'>>,
  ) => void;
  /** What is kept of it on its host for the next one; null for nothing any more. */
  readonly keepBase: (id: string, base: BackupBase | null) => void;
  readonly forget: (id: string) => void;
}
