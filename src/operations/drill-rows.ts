import type { Drill } from '../domain/drill.ts';
import type { Postponed } from '../domain/drill-due.ts';

export interface DrillRows {
  /** Of a team, or of all; newest first. */
  readonly list: (team: string | null) => readonly Drill[];
  readonly byId: (id: string) => Drill | null;
  /** The newest of a VM's that came to an end. */
  readonly lastOf: (vmId: string) => Drill | null;
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
