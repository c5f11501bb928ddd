import type { Standing } from '../../domain/alerts/evaluate.ts';
import type { SubjectKind } from '../../domain/alerts/metrics.ts';
import type { Severity } from '../../domain/alerts/rule.ts';
import type { Silence } from '../../domain/alerts/silence.ts';
import type { WebhookRows } from './webhook-rows.ts';

/** Where a rule stands at one subject. */
export interface AlertRow extends Standing {
  readonly fingerprint: string;
  readonly rule: string;
  readonly kind: SubjectKind;
  /** The subject's id. */
  readonly subject: string;
  readonly name: string;
  readonly host: string | null;
  readonly team: string | null;
  readonly detail: string;
  /** The message that tells of it; null while nobody is to be told. */
  readonly incident: string | null;
}

/** One message of what happened at once. */
export interface IncidentRow {
  readonly id: string;
  readonly rule: string;
  readonly title: string;
  readonly severity: Severity;
  readonly channel: string | null;
  readonly team: string | null;
  readonly openedAt: number;
  /** When it last changed so that its card shows it. */
  readonly changedAt: number;
  readonly resolvedAt: number | null;
  /** How often it began anew. */
  readonly reopened: number;
  readonly ackedBy: string | null;
  readonly ackedAt: number | null;
  readonly assignee: string | null;
  readonly escalatedAt: number | null;
  /** Until when all of it is silenced, as its card shows it. */
  readonly silencedUntil: number | null;
}

/** What an incident tells of, also after its end. */
export interface MemberRow {
  readonly incident: string;
  readonly fingerprint: string;
  readonly kind: SubjectKind;
  readonly subject: string;
  readonly name: string;
  readonly host: string | null;
  readonly detail: string;
  readonly firedAt: number;
  readonly resolvedAt: number | null;
}

/** The rows of alerts; part of `Rows`. */
export interface AlertRows extends WebhookRows {
  readonly alerts: {
    readonly all: () => readonly AlertRow[];
    readonly save: (row: AlertRow) => void;
    readonly remove: (fingerprint: string) => void;
  };
  readonly incidents: {
    readonly byId: (id: string) => IncidentRow | null;
    /** Open ones, and those that ended after `endedAfter`; in the order of their beginning. */
    readonly since: (endedAfter: number) => readonly IncidentRow[];
    /** The newest first. */
    readonly recent: (team: string | null, limit: number) => readonly IncidentRow[];
    readonly insert: (row: IncidentRow) => void;
    readonly update: (id: string, change: Partial<Omit<IncidentRow, 'id' | 'rule' | 'channel'>>) => void;
    readonly members: (id: string) => readonly MemberRow[];
    readonly saveMember: (row: MemberRow) => void;
    /** Forgets those that ended before that instant. */
    readonly prune: (before: number) => void;
  };
  readonly silences: {
    readonly active: (now: number) => readonly Silence[];
    readonly insert: (silence: Silence) => void;
    /** Ends those over this thing; how many there were. */
    readonly end: (scope: Silence['scope'], of: string, now: number) => number;
    readonly prune: (before: number) => void;
  };
}
