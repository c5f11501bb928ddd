/** Our own alerts for other programs, in Alertmanager's webhook format. */
import {
  alertmanagerBody,
  externalName,
  labelFingerprint,
  type OutgoingAlert,
} from '../../domain/alerts/alertmanager.ts';
import type { IncidentRow, MemberRow } from './alert-rows.ts';
import type { EvaluateDeps } from './evaluate.ts';

type Open = IncidentRow & { readonly members: readonly MemberRow[] };

/**
 * Puts the incidents of which something began, ended or grew worse into each webhook's queue: one body for each incident, with all
 * that it tells of. What came from Alertmanager is not sent on: two Hostlers would tell each other for ever. In the transaction of the change.
 */
export function forward(
  ids: Iterable<string>,
  before: ReadonlyMap<string, Open>,
  now: number,
  deps: EvaluateDeps,
): void {
  const { rows, settings } = deps;
  const { webhooks } = settings.alerts;
  if (webhooks.length === 0) return;
  for (const id of ids) {
    const incident = rows.incidents.byId(id);
    if (incident === null || externalName(incident.rule) !== null) continue;
    const open = { ...incident, members: rows.incidents.members(id) };
    const was = before.get(id);
    if (was !== undefined && marksOf(was) === marksOf(open)) continue;
    const alerts = open.members.map((member) => outgoing(incident, member));
    const group = { alertname: incident.rule, incident: id };
    for (const webhook of webhooks)
      rows.webhooks.add(webhook, JSON.stringify(alertmanagerBody(webhook, group, alerts)), now);
  }
}

/** What others want to know of; a number that moves is none of it. */
function marksOf({ severity, openedAt, members }: Open): string {
  const marks = members.map(({ fingerprint, firedAt, resolvedAt }) => [fingerprint, firedAt, resolvedAt]);
  return JSON.stringify([severity, openedAt, marks.sort()]);
}

function outgoing(incident: IncidentRow, member: MemberRow): OutgoingAlert {
  const { kind, name, host, detail, firedAt, resolvedAt } = member;
  return {
    // Not over its labels: they may change while it lasts.
    fingerprint: labelFingerprint({ fingerprint: member.fingerprint }),
    labels: {
      alertname: incident.rule,
      severity: incident.severity,
      source: 'hostler',
      incident: incident.id,
      ...(incident.team === null ? {} : { team: incident.team }),
      ...(host === null ? {} : { host }),
      ...(kind === 'vm' ? { vm: name } : kind === 'pool' ? { pool: member.subject } : {}),
    },
    annotations: { summary: `${incident.title}: ${name}`, description: detail },
    startsAt: firedAt,
    endsAt: resolvedAt,
  };
}
