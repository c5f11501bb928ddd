import { readFileSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { z } from 'zod';
import { auditText } from '../../domain/audit.ts';
import type { AuditVerdict } from '../../operations/store.ts';
import { sha256 } from '../hash.ts';

type Broken = Extract<AuditVerdict, { ok: false }>;

/** Rows that are read and hashed between two turns of the event loop: some milliseconds. */
const PORTION = 500;

const TEXTS = ['kind', 'operation_id', 'actor_json', 'person', 'team', 'subject', 'host', 'outcome', 'data_json'];
const HASHES = ['prev_hash', 'hash'];
/** `bytes` is what SQLite holds: a text of broken UTF-8 reads as another one would. */
const SELECT = `select seq, at, ${[...TEXTS, ...HASHES].join(', ')},
  ${[...TEXTS, ...HASHES].map((name) => `coalesce(octet_length(${name}), 0)`).join(' + ')} as bytes
  from audit where seq > ? order by seq limit ${PORTION}`;

/** A row in the order of SELECT. */
const Row = z.tuple([
  z.number(),
  z.number(),
  z.string(),
  z.string().nullable(),
  z.string(),
  z.string(),
  z.string().nullable(),
  z.string().nullable(),
  z.string().nullable(),
  z.string(),
  z.string(),
  z.string(),
  z.string(),
  z.number(),
]);

/**
 * Walks the whole chain. Broken: a missing or altered trigger, a row whose hash isn't that of its content, one that doesn't follow
 * the one before, and with an anchor (a hash known from outside) a chain in which it doesn't stand any more. Only reads, in
 * portions: the process goes on between them, and what is appended meanwhile is verified too. Never throws for what somebody did to the rows.
 */
export async function verifyAudit(db: Database.Database, anchor: string | null): Promise<AuditVerdict> {
  let seq = 0;
  let head = '';
  let anchored = anchor === null;
  try {
    const fault = triggerFault(db);
    const select = db.prepare(SELECT).raw();
    let portion: unknown[];
    do {
      portion = select.all(seq === 0 ? Number.MIN_SAFE_INTEGER : seq);
      for (const raw of portion) {
        const row = followingRow(raw, seq, head);
        if ('reason' in row) return row;
        seq = row.seq;
        head = row.hash;
        anchored ||= head === anchor;
      }
      await nextTurn();
    } while (portion.length === PORTION);
    if (fault !== null) return { ok: false, seq: null, reason: fault };
  } catch (cause) {
    if (!(cause instanceof Database.SqliteError)) throw cause;
    if (/^SQLITE_(BUSY|LOCKED|INTERRUPT|NOMEM|IOERR|CANTOPEN)/.test(cause.code)) throw cause;
    return { ok: false, seq: seq + 1, reason: `the database can't be read there: ${cause.message}` };
  }
  if (!anchored)
    return {
      ok: false,
      seq: seq + 1,
      reason: `the anchor ${anchor} stands in no row: the tail was cut off, or the chain was written anew`,
    };
  return { ok: true, rows: seq, head: seq === 0 ? null : head };
}

function followingRow(
  raw: unknown,
  before: number,
  prevHash: string,
): { readonly seq: number; readonly hash: string } | Broken {
  const parsed = Row.safeParse(raw);
  if (!parsed.success) {
    const seq: unknown = Array.isArray(raw) ? raw[0] : undefined;
    return broken(typeof seq === 'number' ? seq : before + 1, 'a column holds something that no row has');
  }
  const [seq, at, kind, operationId, actorJson, person, team, subject, host, outcome, dataJson, prev, hash, bytes] =
    parsed.data;
  if (seq !== before + 1) return broken(before + 1, `the row is missing: after ${before} comes ${seq}`);
  if (prev !== prevHash) return broken(seq, 'it does not follow the row before it');
  const content = { seq, at, kind, operationId, actorJson, team, subject, host, outcome, dataJson, prevHash };
  if (sha256(auditText(content)) !== hash) return broken(seq, 'its content was altered: its hash is another');
  // Two objects side by side in one column would have the same text as they have in two: each must be whole by itself.
  const actor = objectOf(actorJson);
  if (actor === null || objectOf(dataJson) === null) return broken(seq, 'what it holds is no JSON');
  if (Reflect.get(actor, 'person') !== person)
    return broken(seq, 'the person it is found by is not the one it is about');
  const held = [kind, operationId, actorJson, person, team, subject, host, outcome, dataJson, prev, hash];
  const length = held.reduce((sum, text) => sum + (text === null ? 0 : Buffer.byteLength(text)), 0);
  if (length !== bytes) return broken(seq, 'a text in it was altered: it is no UTF-8');
  return { seq, hash };
}

function broken(seq: number, reason: string): Broken {
  return { ok: false, seq, reason };
}

function objectOf(json: string): object | null {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && !Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}

/** The triggers as the migration wrote them: their text in the database must be the same. */
function expectedTriggers(): Map<string, string> {
  const sql = readFileSync(new URL('./migrations/0001-audit.sql', import.meta.url), 'utf8');
  const triggers = new Map<string, string>();
  for (const match of sql.matchAll(/create trigger (\w+)[\s\S]*?end(?=;)/g))
    triggers.set(match[1] ?? '', squeezed(match[0]));
  return triggers;
}

function squeezed(sql: string): string {
  return sql.replaceAll(/\s+/g, ' ').trim().toLowerCase();
}

const Trigger = z.object({ name: z.string(), sql: z.string() });

function triggerFault(db: Database.Database): string | null {
  const found = new Map(
    db
      .prepare("select name, sql from sqlite_schema where type = 'trigger' and lower(tbl_name) = 'audit'")
      .all()
      .map((row) => Trigger.parse(row))
      .map(({ name, sql }) => [name, squeezed(sql)] as const),
  );
  const expected = expectedTriggers();
  for (const [name, sql] of expected) {
    const there = found.get(name);
    if (there === undefined) return `the trigger ${name}, which keeps rows from being changed, is missing`;
    if (there !== sql) return `the trigger ${name} was altered`;
  }
  for (const name of found.keys())
    if (!expected.has(name)) return `there is a trigger ${name} on the audit that Hostler did not make`;
  return null;
}
