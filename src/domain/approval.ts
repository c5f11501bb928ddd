import type { Risk } from './access.ts';
import type { Amounts } from './plan.ts';
import type { ApprovalRule } from './settings.ts';

/** A change, as approval rules look at it. */
export interface Approvable {
  readonly risk: Risk;
  readonly kind: string;
  readonly team: string | null;
  readonly adds: Amounts;
  /** Hour of the day, 0 to 23, where the team is. */
  readonly hour: number;
}

/** The first rule that fits; null when none does, or when it says `none`: then nobody is asked. */
export function ruleFor(rules: readonly ApprovalRule[], change: Approvable): ApprovalRule | null {
  const rule = rules.find(({ when }) => {
    if (when.risks !== null && !when.risks.includes(change.risk)) return false;
    if (when.kinds !== null && !when.kinds.includes(change.kind)) return false;
    if (when.teams !== null && (change.team === null || !when.teams.includes(change.team))) return false;
    if (when.minVcpus !== null && change.adds.vcpus < when.minVcpus) return false;
    if (when.minMemoryBytes !== null && change.adds.memoryBytes < when.minMemoryBytes) return false;
    if (when.minDiskBytes !== null && change.adds.diskBytes < when.minDiskBytes) return false;
    return when.hours === null || within(change.hour, when.hours);
  });
  return rule === undefined || rule.from === 'none' ? null : rule;
}

function within(hour: number, [from, to]: readonly [number, number]): boolean {
  return from <= to ? hour >= from && hour < to : hour >= from || hour < to;
}
