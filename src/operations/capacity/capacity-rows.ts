import type { Measures } from '../../domain/capacity.ts';

/** What one scope had on a day: `fleet`, `host/kvm-1`, `team/team-01`. */
export interface CapacityDay {
  readonly scope: string;
  /** Days since 1970, by the platform's calendar. */
  readonly day: number;
  readonly measures: Measures;
}

/** Capacity day by day, for looking ahead. */
export interface CapacityRows {
  /** One row for a scope and a day; a later one of the same day wins. */
  readonly save: (days: readonly CapacityDay[]) => void;
  /** Of `[from, to]`, in order. What is missing is missing. */
  readonly series: (scope: string, from: number, to: number) => readonly CapacityDay[];
  readonly prune: (before: number) => void;
}
