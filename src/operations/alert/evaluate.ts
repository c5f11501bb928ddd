import { formatAmount, infoOf } from '../../domain/alerts/condition.ts';
import { step, violates } from '../../domain/alerts/evaluate.ts';
import type { Rule } from '../../domain/alerts/rule.ts';
import { fingerprintOf, isMeant, type Subject } from '../../domain/alerts/subject.ts';
import type { Settings } from '../../domain/settings.ts';
import type { Clock, Ids } from '../ports.ts';
import type { Rows } from '../store.ts';
import type { AlertRow } from './alert-rows.ts';
import { externalAlerts } from './external.ts';
import { tellOfAlerts } from './notify.ts';
import { subjectsOf } from './subjects.ts';

export interface EvaluateDeps {
  readonly rows: Rows;
  readonly settings: Settings;
  readonly clock: Clock;
  readonly ids: Ids;
}

/** How long what is over can be looked up. The audit keeps it for ever. */
const KEPT_MS = 400 * 24 * 60 * 60_000;

/** After each sweep: where every rule stands now, and whom to tell of it. All in one transaction. */
export function evaluateAlerts(deps: EvaluateDeps): void {
  const { rows, settings, clock } = deps;
  const now = clock.now();
  rows.transaction(() => {
    const before = new Map(rows.alerts.all().map((row) => [row.fingerprint, row]));
    const subjects = subjectsOf(rows, settings, now);
    const after: AlertRow[] = [];
    const remembered = new Set([...before.values()].map(({ rule }) => rule));
    for (const rule of settings.alerts.rules) {
      for (const subject of subjects) {
        if (!isMeant(rule, subject)) continue;
        // Most rules have nothing to remember, and find nothing.
        const value = subject.values[rule.when.metric] ?? null;
        if (!remembered.has(rule.name) && (value === null || !violates(rule, value))) continue;
        const fingerprint = fingerprintOf(rule, subject);
        const was = before.get(fingerprint) ?? null;
        before.delete(fingerprint);
        const row = standing(rule, subject, was, now);
        if (row !== null) after.push(row);
        else if (was !== null) rows.alerts.remove(fingerprint);
      }
    }
    for (const row of externalAlerts(deps, before, now)) {
      before.delete(row.fingerprint);
      after.push(row);
    }
    // Its rule or what it was about is no more, or those who told us of it say that it is over.
    for (const { fingerprint } of before.values()) rows.alerts.remove(fingerprint);
    tellOfAlerts(after, now, deps);
    rows.incidents.prune(now - KEPT_MS);
    rows.silences.prune(now - KEPT_MS);
  });
}

function standing(rule: Rule, subject: Subject, was: AlertRow | null, now: number): AlertRow | null {
  const value = subject.values[rule.when.metric] ?? null;
  const next = step(rule, was, value, now);
  if (next === null) return null;
  return {
    ...next,
    fingerprint: fingerprintOf(rule, subject),
    rule: rule.name,
    kind: subject.kind,
    subject: subject.id,
    name: subject.name,
    host: subject.host,
    team: subject.team,
    // What is over, or not known just now, keeps its last words.
    detail: value === null || next.state === 'clear' ? (was?.detail ?? '') : detailOf(rule, subject, value),
    incident: was?.incident ?? null,
  };
}

/** `93 %, the bound is 85 %`; for a flag why it is so. */
export function detailOf(rule: Rule, subject: Subject, value: number): string {
  const { metric, threshold, op } = rule.when;
  const said = subject.details[metric];
  if (op === 'is') return said ?? rule.title;
  const { unit } = infoOf(rule.when);
  return `${said ?? formatAmount(value, unit)}, ${op === '>' ? 'at most' : 'at least'} ${formatAmount(threshold, unit)} is good`;
}
