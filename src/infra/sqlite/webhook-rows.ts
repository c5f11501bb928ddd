import type Database from 'better-sqlite3';
import { z } from 'zod';
import { SEVERITIES } from '../../domain/alerts/rule.ts';
import type { ExternalRow, WebhookPost, WebhookRows } from '../../operations/alert/webhook-rows.ts';

const ExternalRecord = z
  .object({
    fingerprint: z.string(),
    alertname: z.string(),
    kind: z.enum(['host', 'vm', 'team', 'fleet']),
    subject: z.string(),
    name: z.string(),
    host: z.string().nullable(),
    team: z.string().nullable(),
    severity: z.enum(SEVERITIES),
    detail: z.string(),
    started_at: z.number(),
    heard_at: z.number(),
    resolved_at: z.number().nullable(),
  })
  .transform(
    ({ started_at, heard_at, resolved_at, ...row }): ExternalRow => ({
      ...row,
      startedAt: started_at,
      heardAt: heard_at,
      resolvedAt: resolved_at,
    }),
  );

/** Alerts that came from Alertmanager. */
export function externalRows(db: Database.Database): WebhookRows['externals'] {
  const find = db.prepare('select * from external_alert where fingerprint = ?');
  const firing = db.prepare('select * from external_alert where resolved_at is null order by started_at, fingerprint');
  const save = db.prepare(
    `insert or replace into external_alert (fingerprint, alertname, kind, subject, name, host, team, severity, detail,
       started_at, heard_at, resolved_at)
     values (@fingerprint, @alertname, @kind, @subject, @name, @host, @team, @severity, @detail,
       @startedAt, @heardAt, @resolvedAt)`,
  );
  const expire = db.prepare('update external_alert set resolved_at = ? where resolved_at is null and heard_at < ?');
  const prune = db.prepare('delete from external_alert where resolved_at < ?');
  return {
    find: (fingerprint) => {
      const row = find.get(fingerprint);
      return row === undefined ? null : ExternalRecord.parse(row);
    },
    firing: () => firing.all().map((row) => ExternalRecord.parse(row)),
    save: (row) => {
      save.run(row);
    },
    expire: (unheardSince, now) => {
      expire.run(now, unheardSince);
    },
    prune: (before) => {
      prune.run(before);
    },
  };
}

/** For each receiver: weeks of a fleet's alerts. */
const MOST = 10_000;

const Post = z
  .object({
    id: z.number(),
    webhook: z.string(),
    body_json: z.string(),
    attempts: z.number(),
    next_at: z.number(),
  })
  .transform(({ body_json, next_at, ...row }): WebhookPost => ({ ...row, body: body_json, nextAt: next_at }));
const Count = z.object({ webhook: z.string(), count: z.number() });

/** What waits for other programs. */
export function webhookRows(db: Database.Database): WebhookRows['webhooks'] {
  const add = db.prepare('insert into webhook_post (webhook, body_json, created_at) values (?, ?, ?)');
  const trim = db.prepare(
    `delete from webhook_post where webhook = @webhook and id <=
       (select id from webhook_post where webhook = @webhook order by id desc limit 1 offset ${MOST})`,
  );
  const first = db.prepare('select * from webhook_post where webhook = ? order by id limit 1');
  const done = db.prepare('delete from webhook_post where id = ?');
  const later = db.prepare('update webhook_post set attempts = attempts + 1, next_at = ?, error = ? where id = ?');
  const waiting = db.prepare('select webhook, count(*) as count from webhook_post group by webhook');
  const drop = db.prepare('delete from webhook_post where webhook = ?');
  return {
    add: (webhook, body, now) => {
      add.run(webhook, body, now);
      trim.run({ webhook });
    },
    first: (webhook) => {
      const row = first.get(webhook);
      return row === undefined ? null : Post.parse(row);
    },
    done: (id) => {
      done.run(id);
    },
    later: (id, nextAt, error) => {
      later.run(nextAt, error, id);
    },
    waiting: () =>
      new Map(
        waiting
          .all()
          .map((row) => Count.parse(row))
          .map(({ webhook, count }) => [webhook, count]),
      ),
    drop: (webhook) => drop.run(webhook).changes,
  };
}
