import { externalName } from '../../domain/alerts/alertmanager.ts';
import { type Firing, incidentFor, isExplained, mustEscalate, REOPEN_MS } from '../../domain/alerts/incident.ts';
import type { Rule } from '../../domain/alerts/rule.ts';
import { type Silence, silenceOver } from '../../domain/alerts/silence.ts';
import type { Settings } from '../../domain/settings.ts';
import type { AlertRow, IncidentRow, MemberRow } from './alert-rows.ts';
import type { EvaluateDeps } from './evaluate.ts';
import { forward } from './forward.ts';
import { tellEscalated, tellReopened, tellResolved, tellWorse } from './replies.ts';

/** A value that moves is shown in the card that often. */
const REFRESH_MS = 10 * 60_000;

type Open = IncidentRow & { readonly members: readonly MemberRow[] };

/** From where the rules stand to incidents, their cards and replies. Inside a transaction; keeps the alerts' rows. */
export function tellOfAlerts(alerts: readonly AlertRow[], now: number, deps: EvaluateDeps): void {
  const { rows } = deps;
  const silences = rows.silences.active(now);
  const incidents = new Map<string, Open>(
    rows.incidents
      .since(now - REOPEN_MS)
      .map((incident) => [incident.id, { ...incident, members: rows.incidents.members(incident.id) }]),
  );
  const before = new Map(incidents);
  const touched = new Set<string>();
  const firing = new Map<string, AlertRow>();

  const change = (id: string, by: Partial<IncidentRow>): void => {
    const found = incidents.get(id);
    if (found === undefined) return;
    rows.incidents.update(id, { ...by, changedAt: now });
    incidents.set(id, { ...found, ...by, changedAt: now });
    touched.add(id);
  };
  const join = (id: string, alert: AlertRow): void => {
    const found = incidents.get(id);
    if (found === undefined) return;
    const member = memberOf(id, alert, now);
    rows.incidents.saveMember(member);
    const others = found.members.filter(({ fingerprint }) => fingerprint !== alert.fingerprint);
    incidents.set(id, { ...found, members: [...others, member] });
    touched.add(id);
  };

  for (const alert of alerts) {
    if (alert.state !== 'firing') {
      rows.alerts.save(alert);
      continue;
    }
    const open = alert.incident === null ? null : (incidents.get(alert.incident) ?? null);
    const told =
      open?.resolvedAt === null &&
      open.members.some((it) => it.fingerprint === alert.fingerprint && it.resolvedAt === null);
    const incident = told ? open.id : placeFor(alert, alerts, [...incidents.values()], silences, now, deps);
    if (incident !== null && !told) {
      if (typeof incident !== 'string') incidents.set(incident.id, { ...incident, members: [] });
      const id = typeof incident === 'string' ? incident : incident.id;
      const was = incidents.get(id);
      join(id, alert);
      if (was !== undefined && was.resolvedAt !== null) {
        change(id, {
          resolvedAt: null,
          ackedBy: null,
          ackedAt: null,
          escalatedAt: null,
          reopened: was.reopened + 1,
          openedAt: now,
        });
        tellReopened(was, now, rows);
      }
      firing.set(alert.fingerprint, { ...alert, incident: id });
    } else {
      firing.set(alert.fingerprint, alert);
    }
    rows.alerts.save(firing.get(alert.fingerprint) ?? alert);
  }

  for (const { id } of [...incidents.values()]) {
    const incident = incidents.get(id);
    if (incident === undefined || incident.resolvedAt !== null) continue;
    keepUp(incident, firing, silences, now, deps, change);
  }
  for (const id of touched) rows.touchCard(id);
  forward(touched, before, now, deps);
}

/** One open incident: what of it is over, worse, or nobody's. */
function keepUp(
  incident: Open,
  firing: ReadonlyMap<string, AlertRow>,
  silences: readonly Silence[],
  now: number,
  { rows, settings }: EvaluateDeps,
  change: (id: string, by: Partial<IncidentRow>) => void,
): void {
  const { id } = incident;
  const members = incident.members.map((member): MemberRow => {
    const alert = firing.get(member.fingerprint);
    if (alert === undefined) return member.resolvedAt === null ? { ...member, resolvedAt: now } : member;
    return { ...member, name: alert.name, detail: alert.detail };
  });
  for (const [at, member] of members.entries()) {
    const was = incident.members[at];
    if (member.resolvedAt === was?.resolvedAt && member.detail === was?.detail && member.name === was.name) continue;
    rows.incidents.saveMember(member);
    if (member.resolvedAt !== was?.resolvedAt || now - incident.changedAt >= REFRESH_MS) change(id, {});
  }
  const alive = members.flatMap((member) => (member.resolvedAt === null ? (firing.get(member.fingerprint) ?? []) : []));
  const over = alive.map((alert) => silenceOver(silences, asSilenceable(alert), now));
  const silenced = over.length > 0 && over.every((silence) => silence !== null);
  const silencedUntil = silenced ? Math.min(...over.map((silence) => silence?.until ?? now)) : null;
  if (alive.length > 0 && silencedUntil !== incident.silencedUntil) change(id, { silencedUntil });
  if (alive.length === 0) {
    const quiet = members.every(
      (member) =>
        silenceOver(silences, { ...member, rule: incident.rule, id: member.subject, team: incident.team }, now) !==
        null,
    );
    change(id, { resolvedAt: now });
    if (!quiet) tellResolved(incident, now, rows, settings);
    return;
  }
  if (incident.severity === 'warning' && alive.some(({ severity }) => severity === 'critical')) {
    change(id, { severity: 'critical' });
    if (!silenced) tellWorse(incident, alive, now, rows);
  }
  if (mustEscalate({ ...incident, severity: worst(alive) }, silenced, settings.alerts.escalateAfterMs, now)) {
    change(id, { escalatedAt: now });
    tellEscalated(incident, alive, now, rows, settings);
  }
}

/** Where a new alert goes: an incident's id, a new incident, or nowhere while nobody is to be told. */
function placeFor(
  alert: AlertRow,
  alerts: readonly AlertRow[],
  incidents: readonly Open[],
  silences: readonly Silence[],
  now: number,
  { rows, settings, ids }: EvaluateDeps,
): string | IncidentRow | null {
  const rule = ruleOf(alert.rule, settings);
  if (rule === null || silenceOver(silences, asSilenceable(alert), now) !== null) return null;
  if (
    rule.under.length > 0 &&
    isExplained(
      alert,
      rule.under,
      alerts.filter(({ state }) => state !== 'clear'),
    )
  )
    return null;
  const wanted: Firing = {
    fingerprint: alert.fingerprint,
    rule: alert.rule,
    host: alert.host,
    firedAt: alert.firedAt ?? now,
    severity: alert.severity,
    channel: channelOf(alert, settings),
  };
  const found = incidentFor(
    wanted,
    incidents
      .filter(({ rule: its, channel }) => its === wanted.rule && channel === wanted.channel)
      .map((each) => ({ ...each, members: each.members.map(({ fingerprint }) => fingerprint) })),
    now,
  );
  if (found !== null) return found.id;
  const incident = newIncident(ids.next('inc'), alert, rule, wanted.channel, now);
  rows.incidents.insert(incident);
  return incident;
}

type ToldRule = Pick<Rule, 'name' | 'title' | 'under'>;

/** Of ours, or as Alertmanager calls it. */
function ruleOf(name: string, settings: Settings): ToldRule | null {
  const external = externalName(name);
  if (external !== null) return { name, title: external, under: [] };
  return settings.alerts.rules.find((each) => each.name === name) ?? null;
}

function newIncident(id: string, alert: AlertRow, rule: ToldRule, channel: string | null, now: number): IncidentRow {
  return {
    id,
    rule: rule.name,
    title: rule.title,
    severity: alert.severity,
    channel,
    team: alert.team,
    openedAt: now,
    changedAt: now,
    resolvedAt: null,
    reopened: 0,
    ackedBy: null,
    ackedAt: null,
    assignee: null,
    escalatedAt: null,
    silencedUntil: null,
  };
}

/** A team is told of its own; the admins of hosts and of the fleet. */
function channelOf({ team }: Pick<AlertRow, 'team'>, settings: Settings): string | null {
  const own = settings.teams.find(({ name }) => name === team)?.channel;
  return own ?? settings.channels.admin;
}

function memberOf(incident: string, alert: AlertRow, now: number): MemberRow {
  const { fingerprint, kind, subject, name, host, detail, firedAt } = alert;
  return { incident, fingerprint, kind, subject, name, host, detail, firedAt: firedAt ?? now, resolvedAt: null };
}

function asSilenceable({ rule, kind, subject, host, team, incident }: AlertRow) {
  return { rule, kind, id: subject, host, team, incident };
}

function worst(alerts: readonly AlertRow[]): 'warning' | 'critical' {
  return alerts.some(({ severity }) => severity === 'critical') ? 'critical' : 'warning';
}
