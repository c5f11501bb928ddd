import type { SubjectKind } from './metrics.ts';
import type { Rule } from './rule.ts';

/** What rules look at: a host, a pool, a VM, a team, the fleet; with all that is read of it now. */
export interface Subject {
  readonly kind: SubjectKind;
  /** For good: a VM's id, `kvm-1/thinpool`. */
  readonly id: string;
  /** For people. */
  readonly name: string;
  readonly host: string | null;
  readonly team: string | null;
  /** By metric; null or missing where nobody knows. */
  readonly values: Readonly<Record<string, number | null>>;
  /** By metric: why, or which, in words after the name. */
  readonly details: Readonly<Record<string, string>>;
}

/** The alert's name for good. */
export function fingerprintOf(rule: Pick<Rule, 'name'>, subject: Pick<Subject, 'kind' | 'id'>): string {
  return `${rule.name}|${subject.kind}:${subject.id}`;
}

export function isMeant(rule: Rule, subject: Subject): boolean {
  if (rule.when.subject !== subject.kind) return false;
  if (rule.hosts !== null && (subject.host === null || !rule.hosts.includes(subject.host))) return false;
  return rule.teams === null || (subject.team !== null && rule.teams.includes(subject.team));
}
