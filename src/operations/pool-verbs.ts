import type { VolumeName } from './driver.ts';
import type { HostCall } from './ports.ts';

/** A thin pool, with what decides how long it lasts. */
export interface PoolSeen {
  readonly vg: string;
  readonly name: string;
  readonly sizeBytes: number;
  /** Per cent in use; null while it isn't active. */
  readonly dataPercent: number | null;
  readonly metadataBytes: number;
  readonly metadataPercent: number | null;
  /** What it gives out at a time: LVM keeps the metadata as large as all of them could need. */
  readonly chunkBytes: number;
  /** What a write meets when it is full: `queue` for a minute, then errors. */
  readonly whenFull: 'queue' | 'error' | null;
  /** dmeventd watches it, which autoextend needs. */
  readonly monitored: boolean;
  /** Its group's, in no volume. */
  readonly freeBytes: number;
  readonly extentBytes: number;
  /** From how many per cent on LVM extends it by itself, and by how many; 100 for never. Null where LVM's settings can't be read. */
  readonly autoextend: { readonly threshold: number; readonly percent: number } | null;
}

/** Thin pools. Their data grows as any volume does (`volumes.extend`). */
export interface PoolVerbs {
  /** In one round trip; null where there is no such pool. */
  readonly look: (pool: VolumeName) => HostCall<PoolSeen | null>;
  /** To at least that size. LVM may keep as much once more as a spare. */
  readonly extendMetadata: (pool: VolumeName & { readonly sizeBytes: number }) => HostCall<void>;
}
