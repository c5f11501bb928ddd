import Database from 'better-sqlite3';
import { z } from 'zod';
import { ROLES } from '../../domain/access.ts';
import { auditText, canonicalJson } from '../../domain/audit.ts';
import { BotError } from '../../domain/error.ts';
import type { AuditEntry, AuditFilter, AuditSeen, Rows } from '../../operations/store.ts';
import { sha256 } from '../hash.ts';
import { verifyAudit } from './audit-verify.ts';

const AuditRecord = z.object({
  seq: z.number(),
  at: z.number(),
  kind: z.string(),
  operation_id: z.string().nullable(),
  actor_json: z.string(),
  team: z.string().nullable(),
  subject: z.string().nullable(),
  host: z.string().nullable(),
  outcome: z.string(),
  data_json: z.string(),
  prev_hash: z.string(),
  hash: z.string(),
});
type AuditRecord = z.infer<typeof AuditRecord>;

const Actor = z.object({
  person: z.string(),
  slack: z.string().nullable(),
  role: z.enum(ROLES).nullable(),
  via: z.enum(['slack', 'terminal', 'schedule']),
});

const Data = z.record(z.string(), z.unknown());

/** A row as it was entered. Throws `wrong_state` for one that was altered so that it can't be read. */
function auditSeen(raw: unknown): AuditSeen {
  try {
    return read(AuditRecord.parse(raw));
  } catch (cause) {
    const named = z.object({ seq: z.number() }).safeParse(raw);
    throw new BotError('wrong_state', `The audit's row ${named.data?.seq ?? ''} can't be read: it was altered`, {
      hint: 'See what `hostler audit verify` says, and keep the database as it is.',
      cause,
    });
  }
}

function read(row: AuditRecord): AuditSeen {
  return {
    seq: row.seq,
    at: row.at,
    kind: row.kind,
    operationId: row.operation_id,
    actor: Actor.parse(JSON.parse(row.actor_json)),
    team: row.team,
    subject: row.subject,
    host: row.host,
    outcome: row.outcome,
    data: Data.parse(JSON.parse(row.data_json)),
    hash: row.hash,
  };
}

const LONE = /\p{Surrogate}/u;

/** SQLite keeps UTF-8, which has no lone surrogates: they are replaced before the hash is made, and not after it. */
function stored<T extends string | null>(text: T): T | string {
  return text !== null && LONE.test(text) ? text.replaceAll(/\p{Surrogate}/gu, '\ufffd') : text;
}

function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

/** The audit's table: rows are only ever appended, in the caller's transaction. What lies between two appends is the triggers' to see. */
export function auditRows(db: Database.Database): Rows['audit'] {
  // Prepared at the first use: a database whose audit was dropped must open, so that verify can tell.
  const last = once(() => db.prepare('select seq, hash from audit order by seq desc limit 1').raw());
  const insert = once(() =>
    db.prepare(
      `insert into audit (seq, at, kind, operation_id, actor_json, person, team, subject, host, outcome, data_json, prev_hash, hash)
       values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
  );
  const head = (): readonly [seq: number, hash: string] => {
    const row = last().get();
    if (row === undefined) return [0, ''];
    const [seq, hash]: unknown[] = Array.isArray(row) ? row : [];
    if (typeof seq !== 'number' || typeof hash !== 'string') throw new TypeError('the last audit row has no hash');
    return [seq, hash];
  };
  // The row that the next one follows, as far as we know. Should a rollback have taken it back, or another process have appended,
  // the trigger refuses, and it is read anew: cheaper than to read it for every row.
  let known: readonly [seq: number, hash: string] | null = null;
  const enter = (entry: AuditEntry, at: number, [before, prevHash]: readonly [number, string]): void => {
    const person = stored(entry.actor.person);
    const content = {
      seq: before + 1,
      at,
      kind: stored(entry.kind),
      operationId: stored(entry.operationId),
      actorJson: canonicalJson(person === entry.actor.person ? entry.actor : { ...entry.actor, person }),
      team: stored(entry.team),
      subject: stored(entry.subject),
      host: stored(entry.host),
      outcome: stored(entry.outcome),
      dataJson: canonicalJson(entry.data),
      prevHash,
    };
    const hash = sha256(auditText(content));
    insert().run(
      content.seq,
      at,
      content.kind,
      content.operationId,
      content.actorJson,
      person,
      content.team,
      content.subject,
      content.host,
      content.outcome,
      content.dataJson,
      prevHash,
      hash,
    );
    known = [content.seq, hash];
  };
  return {
    append: (entry, at) => {
      if (known === null) return enter(entry, at, head());
      try {
        enter(entry, at, known);
      } catch (cause) {
        if (!(cause instanceof Database.SqliteError && cause.code === 'SQLITE_CONSTRAINT_TRIGGER')) throw cause;
        enter(entry, at, head());
      }
    },
    list: (filter) => listAudit(db, filter),
    head: () => {
      const [seq, hash] = head();
      return seq === 0 ? null : { seq, hash };
    },
    verify: (anchor) => verifyAudit(db, anchor),
  };
}

/** Newest first. */
function listAudit(db: Database.Database, filter: AuditFilter): AuditSeen[] {
  const where: string[] = [];
  const values: Record<string, string | number> = { limit: filter.limit };
  const need = (sql: string, name: string, value: string | number | undefined) => {
    if (value === undefined) return;
    where.push(sql);
    values[name] = value;
  };
  need('seq < @before', 'before', filter.beforeSeq);
  need('person = @person', 'person', filter.person);
  need('team = @team', 'team', filter.team);
  need('subject = @subject', 'subject', filter.subject);
  need('operation_id = @operation', 'operation', filter.operationId);
  need('kind = @kind', 'kind', filter.kind);
  need('at >= @since', 'since', filter.from);
  need('at < @until', 'until', filter.to);
  need(
    "instr(lower(concat_ws(' ', kind, outcome, person, team, subject, host, operation_id, data_json)), lower(@text)) > 0",
    'text',
    filter.text,
  );
  const sql = `select * from audit ${where.length === 0 ? '' : `where ${where.join(' and ')}`} order by seq desc limit @limit`;
  return db.prepare(sql).all(values).map(auditSeen);
}
