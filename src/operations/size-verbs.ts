import type { DomainState } from '../domain/inventory.ts';
import type { Sizing } from '../domain/sizing.ts';

/** A domain's size, as it runs and as its definition keeps it; with what ties it down. */
export interface SizeSeen {
  readonly state: DomainState;
  /** Null when it is off. Memory is what the balloon leaves the guest just now. */
  readonly live: Sizing | null;
  readonly kept: Sizing;
  /** Its vCPUs are laid out in sockets and cores: libvirt wants the maximum to be their product. */
  readonly topology: boolean;
  /** Its memory is divided among NUMA cells: libvirt wants their sum to be the maximum. */
  readonly numa: boolean;
  /** Numbers of the vCPUs that are pinned each for itself. */
  readonly pinned: readonly number[];
  /** The host's CPUs that all its vCPUs may run on; null for any. */
  readonly cpus: readonly number[] | null;
}
