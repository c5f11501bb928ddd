/** From alerts to what people read: one message for what happened at once. Pure. */
import type { Severity } from './rule.ts';

/** An alert that fires, as far as grouping goes. */
export interface Firing {
  readonly fingerprint: string;
  readonly rule: string;
  readonly host: string | null;
  readonly firedAt: number;
  readonly severity: Severity;
  /** Where it belongs; null where the configuration names no such channel. */
  readonly channel: string | null;
}

/** A message that stands, as far as grouping goes. */
export interface Standing {
  readonly id: string;
  readonly rule: string;
  readonly channel: string | null;
  readonly openedAt: number;
  readonly resolvedAt: number | null;
  readonly members: readonly string[];
}

/** What begins within this time of an incident belongs to it. */
const GROUP_MS = 5 * 60_000;
/** What begins anew within this time of its end is the same incident again. */
export const REOPEN_MS = 15 * 60_000;

/**
 * The incident that an alert belongs to: the one that holds it, while it is open or has ended just now; else one of the same rule
 * in the same channel that has just begun. Null: it makes one of its own.
 */
export function incidentFor(alert: Firing, incidents: readonly Standing[], now: number): Standing | null {
  const same = incidents.filter(({ rule, channel }) => rule === alert.rule && channel === alert.channel);
  const its = same.filter(
    ({ members, resolvedAt }) =>
      members.includes(alert.fingerprint) && (resolvedAt === null || now - resolvedAt < REOPEN_MS),
  );
  return its.at(-1) ?? same.find((each) => each.resolvedAt === null && now - each.openedAt < GROUP_MS) ?? null;
}

/** The alert is explained by another one on the same host that fires or is about to. */
export function isExplained(
  alert: Pick<Firing, 'host'>,
  under: readonly string[],
  others: readonly { readonly rule: string; readonly host: string | null }[],
): boolean {
  return alert.host !== null && others.some(({ rule, host }) => host === alert.host && under.includes(rule));
}

/** Whether somebody must be called: it is critical, nobody has taken it, and its time is over. */
export function mustEscalate(
  incident: {
    readonly severity: Severity;
    readonly openedAt: number;
    readonly resolvedAt: number | null;
    readonly ackedAt: number | null;
    readonly escalatedAt: number | null;
  },
  silenced: boolean,
  afterMs: number | null,
  now: number,
): boolean {
  if (afterMs === null || silenced || incident.severity !== 'critical') return false;
  if (incident.resolvedAt !== null || incident.ackedAt !== null || incident.escalatedAt !== null) return false;
  return now - incident.openedAt >= afterMs;
}
