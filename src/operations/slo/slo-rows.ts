import type { UptimeStatus } from '../../domain/slo/uptime.ts';
import type { Vm } from '../../domain/vm.ts';

/** A VM that there was in a window, also one that is deleted by now. */
export interface SloVm extends Pick<Vm, 'id' | 'team' | 'name' | 'life' | 'createdAt' | 'trashedAt'> {
  readonly wanted: 'running' | 'off' | 'suspended' | null;
}

/** How VMs were, as spans of one status each; part of `Rows`. */
export interface SloRows {
  readonly slo: {
    /** The VM was so at that instant. Goes on from what was seen a moment ago; what was not seen for longer stays unknown. */
    readonly record: (vm: Pick<Vm, 'id' | 'createdAt'>, status: UptimeStatus, at: number) => void;
    /** Those that lived at any time in `[from, to)`, by team and name; of all teams when null. */
    readonly vms: (team: string | null, from: number, to: number) => readonly SloVm[];
    /** What is known of each within `[from, to)`, in milliseconds. */
    readonly totals: (
      team: string | null,
      from: number,
      to: number,
    ) => readonly { readonly vm: string; readonly status: UptimeStatus; readonly ms: number }[];
    /** By team: how many VMs were up or down within `[from, to)`, and for how long they were down together. */
    readonly burned: (
      from: number,
      to: number,
    ) => readonly { readonly team: string; readonly vms: number; readonly downMs: number }[];
    readonly prune: (before: number) => void;
  };
}
