import type { Drill } from '../domain/drill.ts';
import type { Postponed } from '../domain/drill-due.ts';

/** A drill that was asked for together with another. */
export interface WantedDrill {
  /** Of the one that it was asked for with. */
  readonly operationId: string;
  readonly vmId: string;
  readonly person: string;
}

export interface DrillRows {
  /** Of a team, or of all; newest first. */
  readonly list: (team: string | null) => readonly Drill[];
  readonly byId: (id: string) => Drill | null;
  /** The newest of a VM's that came to an end. */
  readonly lastOf: (vmId: string) => Drill | null;
  readonly wanted: () => readonly WantedDrill[];
  readonly want: (row: WantedDrill) => void;
  /** It was begun, or can't be. */
  readonly unwant: (row: WantedDrill) => void;
  /** The newest of a team's; null where it put nothing off. */
  readonly postponed: (team: string) => Postponed | null;
  readonly postpone: (row: Postponed) => void;
  readonly insert: (row: Drill) => void;
  /** What became of it. */
  readonly end: (
    id: string,
    outcome: Pick<Drill, 'verdict' | 'reason' | 'rtoMs' | 'rpoMs' | 'checks' | 'timeline' | 'endedAt'>,
  ) => void;
}
