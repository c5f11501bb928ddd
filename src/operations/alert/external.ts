/** Alerts that Alertmanager tells of: whose they are, and what becomes of them. */
import {
  type AlertmanagerAlert,
  type AlertmanagerMessage,
  externalName,
  externalRule,
  labelFingerprint,
} from '../../domain/alerts/alertmanager.ts';
import type { Settings } from '../../domain/settings.ts';
import { fullName } from '../../domain/vm.ts';
import type { Rows } from '../store.ts';
import type { AlertRow } from './alert-rows.ts';
import type { EvaluateDeps } from './evaluate.ts';
import { tellOfAlerts } from './notify.ts';
import type { ExternalRow } from './webhook-rows.ts';

/** Two Alertmanagers of a cluster may both tell of one alert; the slower one is not to bring it back after its end. */
const LATE_MS = 60_000;
/** What is over is remembered so long. */
const KEPT_MS = 24 * 60 * 60_000;
/** So many may fire at once: rows stay bounded whatever is sent. */
const MOST_FIRING = 2000;
const LONGEST = 300;
/** As severities are commonly called. */
const CRITICAL = ['critical', 'page', 'error', 'emergency', 'fatal', 'disaster'];

/** What came of a message. `full`: there is no room for more, and nothing of it was taken. */
export type Taken =
  | { readonly kind: 'full' }
  | { readonly kind: 'taken'; readonly firing: number; readonly resolved: number };

/** Takes what Alertmanager says, and tells of it at once. The same message again changes nothing. */
export function takeExternal(message: AlertmanagerMessage, deps: EvaluateDeps): Taken {
  const { rows, settings, clock } = deps;
  const now = clock.now();
  return rows.transaction((): Taken => {
    const coming = message.alerts.filter(({ status }) => status === 'firing').length;
    if (rows.externals.firing().length + coming > MOST_FIRING) return { kind: 'full' };
    let firing = 0;
    let resolved = 0;
    for (const alert of message.alerts) {
      const row = rowOf(alert, rows, settings, now);
      const before = rows.externals.find(row.fingerprint);
      if (alert.status === 'firing' && mayFire(row, before, now)) {
        rows.externals.save(row);
        firing += 1;
      } else if (alert.status === 'resolved' && before?.resolvedAt === null && row.startedAt >= before.startedAt) {
        rows.externals.save({ ...before, heardAt: now, resolvedAt: now });
        resolved += 1;
      }
    }
    evaluateExternal(deps, now);
    return { kind: 'taken', firing, resolved };
  });
}

/** A repetition of what is over is none; the same beginning long after the end is Prometheus’ that was away for a while. */
function mayFire(row: ExternalRow, before: ExternalRow | null, now: number): boolean {
  if (before === null) return true;
  if (row.startedAt < before.startedAt) return false;
  return before.resolvedAt === null || row.startedAt > before.startedAt || now - before.resolvedAt >= LATE_MS;
}

/** Where the alerts of others stand, as rows beside our own; those gone quiet are over. Inside a transaction. */
export function externalAlerts(
  { rows, settings }: EvaluateDeps,
  before: ReadonlyMap<string, AlertRow>,
  now: number,
): AlertRow[] {
  rows.externals.expire(now - settings.alerts.externalStaleMs, now);
  rows.externals.prune(now - KEPT_MS);
  return rows.externals.firing().map((row): AlertRow => {
    const fingerprint = externalRule(row.fingerprint);
    const firedAt = Math.min(row.startedAt, now);
    return {
      fingerprint,
      rule: externalRule(row.alertname),
      kind: row.kind,
      subject: row.subject,
      name: row.name,
      host: row.host,
      team: row.team,
      state: 'firing',
      since: firedAt,
      firedAt,
      goodSince: null,
      severity: row.severity,
      value: 1,
      detail: row.detail,
      fires: [],
      incident: before.get(fingerprint)?.incident ?? null,
    };
  });
}

/** Tells of them between two sweeps; our own alerts stay as the last sweep left them. */
function evaluateExternal(deps: EvaluateDeps, now: number): void {
  const { rows } = deps;
  const all = rows.alerts.all();
  const external = externalAlerts(deps, new Map(all.map((row) => [row.fingerprint, row])), now);
  const firing = new Set(external.map(({ fingerprint }) => fingerprint));
  const own = all.filter(({ rule }) => externalName(rule) === null);
  for (const { rule, fingerprint } of all)
    if (externalName(rule) !== null && !firing.has(fingerprint)) rows.alerts.remove(fingerprint);
  tellOfAlerts([...own, ...external], now, deps);
}

function rowOf(alert: AlertmanagerAlert, rows: Rows, settings: Settings, now: number): ExternalRow {
  const { labels, annotations } = alert;
  const alertname = short(labels['alertname'] ?? 'alert', 80);
  const said = annotations['summary'] ?? annotations['description'] ?? annotations['message'];
  return {
    ...subjectOf(labels, rows, settings),
    fingerprint: alert.fingerprint ?? labelFingerprint(labels),
    alertname,
    severity: CRITICAL.includes(labels['severity']?.toLowerCase() ?? '') ? 'critical' : 'warning',
    detail: short(said ?? othersOf(labels), LONGEST),
    startedAt: alert.startsAt,
    heardAt: now,
    resolvedAt: null,
  };
}

type About = Pick<ExternalRow, 'kind' | 'subject' | 'name' | 'host' | 'team'>;

/** A VM, host or team of ours that the labels name; else the admins are told, with what the labels say. */
function subjectOf(labels: Readonly<Record<string, string>>, rows: Rows, settings: Settings): About {
  const team = settings.teams.find(({ name }) => name === labels['team'])?.name ?? null;
  const named = labels['vm'] ?? '';
  const [ofTeam, ofName] = named.includes('/') ? named.split('/', 2) : [team, named];
  const vm = rows.vms.byName(ofTeam ?? '', ofName ?? '');
  if (vm !== null) return { kind: 'vm', subject: vm.id, name: fullName(vm), host: vm.host, team: vm.team };
  const place = labels['host'] ?? labels['instance'] ?? '';
  const address = place.replace(/:\d+$/, '').replace(/^\[|\]$/g, '');
  const host = settings.hosts.find(({ name, ssh }) => name === address || ssh.login.endsWith(`@${address}`))?.name;
  if (host !== undefined) return { kind: 'host', subject: host, name: host, host, team };
  const name = short(named || place || (team === null ? othersOf(labels) || 'no labels' : `team ${team}`), 100);
  return team === null
    ? { kind: 'fleet', subject: 'fleet', name, host: null, team }
    : { kind: 'team', subject: team, name, host: null, team };
}

/** The labels that say nothing elsewhere in the message. */
function othersOf(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .filter(([key]) => !['alertname', 'severity', 'team'].includes(key))
    .map(([key, value]) => `${key}=${value}`)
    .join(' ');
}

function short(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}
