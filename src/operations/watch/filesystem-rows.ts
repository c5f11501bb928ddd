import type { FilesystemSeen, FilesystemsKnown } from '../../domain/guest-filesystem.ts';

/** What guests' agents say of their filesystems. It goes with the rest that is watched of a VM (`watch.forget`). */
export interface FilesystemRows {
  readonly of: (vmId: string) => FilesystemsKnown | null;
  /** By VM. */
  readonly all: () => ReadonlyMap<string, FilesystemsKnown>;
  /** It was asked. Null: its agent did not answer, and what it said before stays. */
  readonly save: (vmId: string, at: number, list: readonly FilesystemSeen[] | null) => void;
  /**
   * VMs of a host that run, whose agent answered the last time, and that were not asked since `before`: at most so many, those first
   * that were asked longest ago.
   */
  readonly toAsk: (host: string, before: number, most: number) => readonly string[];
}
