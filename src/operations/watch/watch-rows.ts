import type { Sample, SampleKind } from '../../domain/samples.ts';
import type { Counters } from '../../domain/sweep.ts';
import type { VmWatch } from '../../domain/vm-watch.ts';
import type { SloRows } from '../slo/slo-rows.ts';
import type { FilesystemRows } from './filesystem-rows.ts';

export interface SampleRow {
  readonly at: number;
  /** By column; rollups have `cpu_peak` and the like besides. */
  readonly values: Readonly<Record<string, number | null>>;
}

/** The rows of what is watched; part of `Rows`. */
export interface WatchRows extends SloRows {
  /**
   * A transaction for what was seen and will be seen again: it waits for no disk, so a power cut may take the last ones back. What is
   * decided upon it is not: the next `transaction` brings both to the disk.
   */
  readonly sighting: <T>(work: () => T) => T;
  readonly samples: {
    /** Keeps a row for each, at that minute. */
    readonly add: (at: number, samples: readonly Sample[]) => void;
    /** The newest of the last two days. */
    readonly latest: (kind: SampleKind, object: string) => SampleRow | null;
    /** By object, the newest of each that has one since then, without what only rollups have. */
    readonly latestSince: (kind: SampleKind, since: number) => ReadonlyMap<string, SampleRow>;
    /** Slots of 1, 10 or 60 minutes in `[from, to)`, in order. What is missing is missing. */
    readonly series: (
      kind: SampleKind,
      object: string,
      minutes: 1 | 10 | 60,
      from: number,
      to: number,
    ) => readonly SampleRow[];
    /** Rolls up what is due and forgets what is old. To be called each minute. */
    readonly tidy: (now: number) => void;
  };
  readonly counters: {
    readonly of: (host: string) => { readonly at: number; readonly counters: Counters } | null;
    readonly save: (host: string, at: number, counters: Counters) => void;
  };
  readonly watch: {
    /** What is known of a VM's health; of one that was never watched, nothing. */
    readonly of: (vmId: string) => VmWatch;
    /** By VM's id, of those on a host, or of all with null; without those that were never watched or are purged. */
    readonly on: (host: string | null) => ReadonlyMap<string, VmWatch>;
    readonly update: (vmId: string, change: Partial<VmWatch>) => void;
    /** Ids of the VMs that are to be started again by themselves. */
    readonly restarting: () => readonly string[];
    readonly forget: (vmId: string) => void;
    /** By host, UUIDs of so many of its VMs that were seen running: those that were asked longest ago. */
    readonly toAsk: (most: number) => ReadonlyMap<string, readonly string[]>;
    /** UUIDs of all VMs of a host that aren't purged. */
    readonly uuidsOn: (host: string) => readonly string[];
  };
  readonly filesystems: FilesystemRows;
}
