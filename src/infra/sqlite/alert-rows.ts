import type Database from 'better-sqlite3';
import { z } from 'zod';
import { SUBJECTS } from '../../domain/alerts/metrics.ts';
import { SEVERITIES } from '../../domain/alerts/rule.ts';
import { SILENCE_SCOPES, type Silence } from '../../domain/alerts/silence.ts';
import type { AlertRow, AlertRows, IncidentRow, MemberRow } from '../../operations/alert/alert-rows.ts';

const Instants = z.string().transform((text): readonly number[] => z.array(z.number()).parse(JSON.parse(text)));
const AlertRecord = z
  .object({
    fingerprint: z.string(),
    rule: z.string(),
    kind: z.enum(SUBJECTS),
    subject: z.string(),
    name: z.string(),
    host: z.string().nullable(),
    team: z.string().nullable(),
    state: z.enum(['pending', 'firing', 'clear']),
    since: z.number(),
    fired_at: z.number().nullable(),
    good_since: z.number().nullable(),
    severity: z.enum(SEVERITIES),
    value: z.number(),
    detail: z.string(),
    fires_json: Instants,
    incident_id: z.string().nullable(),
  })
  .transform(
    ({ fired_at, good_since, fires_json, incident_id, ...row }): AlertRow => ({
      ...row,
      firedAt: fired_at,
      goodSince: good_since,
      fires: fires_json,
      incident: incident_id,
    }),
  );

/** Where each rule stands. */
export function alertRows(db: Database.Database): AlertRows['alerts'] {
  const all = db.prepare('select * from alert order by fingerprint');
  const save = db.prepare(
    `insert or replace into alert (fingerprint, rule, kind, subject, name, host, team, state, since, fired_at, good_since,
       severity, value, detail, fires_json, incident_id)
     values (@fingerprint, @rule, @kind, @subject, @name, @host, @team, @state, @since, @firedAt, @goodSince,
       @severity, @value, @detail, @fires, @incident)`,
  );
  const remove = db.prepare('delete from alert where fingerprint = ?');
  return {
    all: () => all.all().map((row) => AlertRecord.parse(row)),
    save: (row) => {
      save.run({ ...row, fires: JSON.stringify(row.fires) });
    },
    remove: (fingerprint) => {
      remove.run(fingerprint);
    },
  };
}

const IncidentRecord = z
  .object({
    id: z.string(),
    rule: z.string(),
    title: z.string(),
    severity: z.enum(SEVERITIES),
    channel: z.string().nullable(),
    team: z.string().nullable(),
    opened_at: z.number(),
    changed_at: z.number(),
    resolved_at: z.number().nullable(),
    reopened: z.number(),
    acked_by: z.string().nullable(),
    acked_at: z.number().nullable(),
    assignee: z.string().nullable(),
    escalated_at: z.number().nullable(),
    silenced_until: z.number().nullable(),
  })
  .transform(
    (row): IncidentRow => ({
      id: row.id,
      rule: row.rule,
      title: row.title,
      severity: row.severity,
      channel: row.channel,
      team: row.team,
      openedAt: row.opened_at,
      changedAt: row.changed_at,
      resolvedAt: row.resolved_at,
      reopened: row.reopened,
      ackedBy: row.acked_by,
      ackedAt: row.acked_at,
      assignee: row.assignee,
      escalatedAt: row.escalated_at,
      silencedUntil: row.silenced_until,
    }),
  );
const MemberRecord = z
  .object({
    incident_id: z.string(),
    fingerprint: z.string(),
    kind: z.enum(SUBJECTS),
    subject: z.string(),
    name: z.string(),
    host: z.string().nullable(),
    detail: z.string(),
    fired_at: z.number(),
    resolved_at: z.number().nullable(),
  })
  .transform(
    ({ incident_id, fired_at, resolved_at, ...row }): MemberRow => ({
      ...row,
      incident: incident_id,
      firedAt: fired_at,
      resolvedAt: resolved_at,
    }),
  );

/** Incidents and what they tell of. */
export function incidentRows(db: Database.Database): AlertRows['incidents'] {
  const byId = db.prepare('select * from incident where id = ?');
  const since = db.prepare(
    'select * from incident where resolved_at is null or resolved_at > ? order by opened_at, id',
  );
  const recent = db.prepare(
    'select * from incident where (@team is null or team = @team) order by opened_at desc, id desc limit @limit',
  );
  const save = db.prepare(
    `insert into incident (id, rule, title, severity, channel, team, opened_at, changed_at, resolved_at, reopened,
       acked_by, acked_at, assignee, escalated_at, silenced_until)
     values (@id, @rule, @title, @severity, @channel, @team, @openedAt, @changedAt, @resolvedAt, @reopened,
       @ackedBy, @ackedAt, @assignee, @escalatedAt, @silencedUntil)
     on conflict (id) do update set title = excluded.title, severity = excluded.severity, changed_at = excluded.changed_at,
       resolved_at = excluded.resolved_at, reopened = excluded.reopened, acked_by = excluded.acked_by,
       acked_at = excluded.acked_at, assignee = excluded.assignee, escalated_at = excluded.escalated_at,
       silenced_until = excluded.silenced_until`,
  );
  const members = db.prepare('select * from incident_alert where incident_id = ? order by fired_at, fingerprint');
  const saveMember = db.prepare(
    `insert or replace into incident_alert (incident_id, fingerprint, kind, subject, name, host, detail, fired_at, resolved_at)
     values (@incident, @fingerprint, @kind, @subject, @name, @host, @detail, @firedAt, @resolvedAt)`,
  );
  const prune = db.prepare('delete from incident where resolved_at < ?');
  const find = (id: string): IncidentRow | null => {
    const row = byId.get(id);
    return row === undefined ? null : IncidentRecord.parse(row);
  };
  return {
    byId: find,
    since: (endedAfter) => since.all(endedAfter).map((row) => IncidentRecord.parse(row)),
    recent: (team, limit) => recent.all({ team, limit }).map((row) => IncidentRecord.parse(row)),
    insert: (row) => {
      save.run(row);
    },
    update: (id, change) => {
      const row = find(id);
      if (row !== null) save.run({ ...row, ...change });
    },
    members: (id) => members.all(id).map((row) => MemberRecord.parse(row)),
    saveMember: (row) => {
      saveMember.run(row);
    },
    prune: (before) => {
      prune.run(before);
    },
  };
}

const SilenceRecord = z
  .object({
    id: z.string(),
    scope: z.enum(SILENCE_SCOPES),
    scope_of: z.string(),
    from_at: z.number(),
    until_at: z.number(),
    reason: z.string(),
    person: z.string(),
    maintenance: z.number(),
  })
  .transform(
    (row): Silence => ({
      id: row.id,
      scope: row.scope,
      of: row.scope_of,
      from: row.from_at,
      until: row.until_at,
      reason: row.reason,
      person: row.person,
      maintenance: row.maintenance === 1,
    }),
  );

/** Times in which nobody is told. */
export function silenceRows(db: Database.Database): AlertRows['silences'] {
  const active = db.prepare('select * from silence where until_at > ? order by until_at');
  const insert = db.prepare(
    `insert into silence (id, scope, scope_of, from_at, until_at, reason, person, maintenance)
     values (@id, @scope, @of, @from, @until, @reason, @person, @maintenance)`,
  );
  const end = db.prepare(
    'update silence set until_at = @now where scope = @scope and scope_of = @of and until_at > @now',
  );
  const prune = db.prepare('delete from silence where until_at < ?');
  return {
    active: (now) => active.all(now).map((row) => SilenceRecord.parse(row)),
    insert: (silence) => {
      insert.run({ ...silence, maintenance: silence.maintenance ? 1 : 0 });
    },
    end: (scope, of, now) => end.run({ scope, of, now }).changes,
    prune: (before) => {
      prune.run(before);
    },
  };
}
