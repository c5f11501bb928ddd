import { decide } from '../../domain/access.ts';
import type { Notice } from '../../domain/notice.ts';
import { timeIn } from '../../domain/time-zone.ts';
import type { ReadContext, Reading } from '../spec.ts';
import type { AuditFilter, AuditSeen } from '../store.ts';

/** Rows of the audit that the actor may read: all for auditors and admins, one's teams' for leads. */
export function readAudit(context: ReadContext, filter: AuditFilter): Reading {
  const { actor, settings, rows } = context;
  const all = decide({ ...actor, teams: new Map() }, 'audit', null).allowed;
  const teams = [...actor.teams].filter(([, role]) => role === 'lead').map(([name]) => name);
  const found = all
    ? rows.audit.list(filter)
    : teams.flatMap((team) => rows.audit.list({ ...filter, team })).sort((a, b) => b.seq - a.seq);
  const shown = found.slice(0, filter.limit);
  return { notice: auditNotice(shown, settings.timezone, all ? null : teams), json: shown.map(auditJson) };
}

function auditNotice(found: readonly AuditSeen[], zone: string, teams: readonly string[] | null): Notice {
  return {
    tone: 'plain',
    title: `Audit: ${found.length} ${found.length === 1 ? 'row' : 'rows'}${teams === null ? '' : ` of ${teams.join(', ')}`}`,
    table: {
      columns: ['#', 'When', 'Who', 'What', 'On', 'Outcome'],
      rows: found.map((row) => [
        String(row.seq),
        timeIn(row.at, zone),
        row.actor.person,
        what(row),
        row.subject ?? row.host ?? '–',
        row.outcome,
      ]),
      empty: 'No row fits.',
    },
  };
}

/** The telling part of a row in a few words. */
function what(row: AuditSeen): string {
  const { command, operation, step } = row.data;
  const detail = [command, operation, step].find((part) => typeof part === 'string' && part !== '');
  const text = detail === undefined ? row.kind : `${row.kind}: ${detail}`;
  return text.length > 90 ? `${text.slice(0, 89)}…` : text;
}

function auditJson(row: AuditSeen): Record<string, unknown> {
  return { ...row, at: new Date(row.at).toISOString() };
}
