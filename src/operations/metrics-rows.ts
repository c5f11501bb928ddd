import type { OperationState } from '../domain/plan.ts';
import type { Vm } from '../domain/vm.ts';

/** Counts over rows, so that numbers for a monitoring need no row to be read. */
export interface MetricsRows {
  /** VMs that aren't purged, by all that decides their state. */
  readonly vms: () => readonly (Pick<Vm, 'team' | 'host' | 'life' | 'seen'> & { readonly count: number })[];
  readonly operations: () => readonly {
    readonly kind: string;
    readonly state: OperationState;
    readonly count: number;
  }[];
  /** Waiting messages: how many, and since when the oldest. */
  readonly outbox: () => {
    readonly waiting: number;
    readonly undeliverable: number;
    readonly oldestAt: number | null;
  };
}
