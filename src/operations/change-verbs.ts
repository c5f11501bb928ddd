import type { Rate } from './backup-verbs.ts';
import type { VolumeName } from './driver.ts';
import type { HostCall } from './ports.ts';

/** What has changed between two points of a thin volume, as the first lines of an increment's file tell it. */
export interface ChangesFound {
  /** How often the reading begins anew. */
  readonly ranges: number;
  readonly bytes: number;
  /** How large the disk is. */
  readonly sizeBytes: number;
}

/**
 * What changed between two thin volumes of one pool, by the pool's own metadata (thin_delta), into a compressed file and back onto another
 * volume. What takes long runs as a unit of the host's systemd, as in `BackupVerbs`.
 */
export interface ChangeVerbs {
  /**
   * Whether a pool can be asked. There can only be one snapshot of its metadata. `ours`: Hostler left one behind, or is reading it just now;
   * `held`: something else has one; `unknown`: the pool doesn't say.
   */
  readonly look: (
    pool: VolumeName,
  ) => HostCall<{ readonly installed: boolean; readonly metadata: 'free' | 'ours' | 'held' | 'unknown' }>;
  /** Holds a snapshot of the metadata for as long as it reads it; what an earlier one left held is released first. */
  readonly find: (of: {
    readonly pool: VolumeName;
    readonly base: VolumeName;
    readonly volume: VolumeName;
    readonly into: string;
    readonly unit: string;
  }) => HostCall<void>;
  /** What `find` wrote; null where there is no such file, or nothing in it. */
  readonly found: (path: string) => HostCall<ChangesFound | null>;
  /** Releases a snapshot of the metadata that Hostler left held, and nobody else's. */
  readonly release: (pool: VolumeName) => HostCall<void>;
  /** What the volume holds in the ranges that `find` wrote, compressed, behind those ranges, into a file that is emptied first. */
  readonly store: (copy: {
    readonly volume: VolumeName;
    readonly ranges: string;
    readonly path: string;
    readonly unit: string;
    readonly rate: Rate;
    readonly encryptTo: string | null;
  }) => HostCall<void>;
  /**
   * Such a file's ranges written into a volume, then read back from it: their SHA-256 into another file, which is that of the file's content
   * where all went well (`BackupVerbs.sumContent`). Fails where the file is damaged or no increment.
   */
  readonly apply: (copy: {
    readonly path: string;
    readonly volume: VolumeName;
    readonly into: string;
    readonly unit: string;
    readonly rate: Rate;
  }) => HostCall<void>;
}
