import type Database from 'better-sqlite3';
import { z } from 'zod';
import type { OutboxMessage } from '../../operations/store.ts';
import { prepared } from './prepared.ts';

/** Says that the operation's card is out of date; the first time it makes the card. To be called in the transaction that changes the rows. */
export function touchCard(
  db: Database.Database,
  operationId: string,
  /** Channel id or name, or `@` and a Slack user id. */
  wanted: string,
  /** `@` and a Slack user id: where the card goes if Hostler can't write to `wanted`. */
  otherwise: string | null = null,
): void {
  prepared(
    db,
    `insert into card (operation_id, wanted, otherwise) values (?, ?, ?)
     on conflict (operation_id) do update set version = version + 1`,
  ).run(operationId, wanted, otherwise);
}

/** Keeps a message for delivery; a second one with the same key is the same. To be called in the transaction that it tells of. */
export function enqueue(db: Database.Database, message: OutboxMessage): void {
  prepared(
    db,
    `insert into outbox (key, wanted, under_operation, notice_json) values (?, ?, ?, ?)
     on conflict (key) do nothing`,
  ).run(message.key, message.to, message.underOperation, JSON.stringify(message.notice));
}

/** A card that isn't shown as it is. */
export interface CardRow {
  readonly operationId: string;
  readonly wanted: string;
  readonly otherwise: string | null;
  readonly channel: string | null;
  readonly ts: string | null;
  readonly version: number;
  readonly sentDigest: string | null;
  readonly fileDigest: string | null;
  readonly state: 'open' | 'undeliverable';
  readonly attempts: number;
  readonly nextAt: number;
}

/** A message that waits. */
export interface OutboxRow {
  readonly id: number;
  readonly key: string;
  readonly wanted: string;
  readonly underOperation: string | null;
  /** A Notice, as it was stored. */
  readonly notice: unknown;
  readonly attempts: number;
  readonly nextAt: number;
  /** Where it stands, when only its pictures and files are still to come. */
  readonly stands: { readonly channel: string; readonly ts: string } | null;
}

const CardRecord = z
  .object({
    operation_id: z.string(),
    wanted: z.string(),
    otherwise: z.string().nullable(),
    channel: z.string().nullable(),
    ts: z.string().nullable(),
    version: z.number(),
    sent_digest: z.string().nullable(),
    file_digest: z.string().nullable(),
    state: z.enum(['open', 'undeliverable']),
    attempts: z.number(),
    next_at: z.number(),
  })
  .transform(
    (row): CardRow => ({
      operationId: row.operation_id,
      wanted: row.wanted,
      otherwise: row.otherwise,
      channel: row.channel,
      ts: row.ts,
      version: row.version,
      sentDigest: row.sent_digest,
      fileDigest: row.file_digest,
      state: row.state,
      attempts: row.attempts,
      nextAt: row.next_at,
    }),
  );

const OutboxRecord = z
  .object({
    id: z.number(),
    key: z.string(),
    wanted: z.string(),
    under_operation: z.string().nullable(),
    notice_json: z.string(),
    attempts: z.number(),
    next_at: z.number(),
    channel: z.string().nullable(),
    ts: z.string().nullable(),
  })
  .transform(
    (row): OutboxRow => ({
      id: row.id,
      key: row.key,
      wanted: row.wanted,
      underOperation: row.under_operation,
      notice: JSON.parse(row.notice_json),
      attempts: row.attempts,
      nextAt: row.next_at,
      stands: row.channel === null || row.ts === null ? null : { channel: row.channel, ts: row.ts },
    }),
  );

/** What the courier asks of the database. */
export interface CourierRows {
  readonly dirtyCards: () => readonly CardRow[];
  readonly card: (operationId: string) => CardRow | null;
  readonly waiting: () => readonly OutboxRow[];
  readonly cardSent: (
    operationId: string,
    sent: { readonly version: number; readonly digest: string; readonly channel: string; readonly ts: string },
  ) => void;
  /** Nothing to send for this version. */
  readonly cardClean: (operationId: string, version: number) => void;
  readonly cardFile: (operationId: string, digest: string) => void;
  readonly cardLink: (operationId: string, permalink: string) => void;
  /** It was deleted, or can't be edited any more: it is posted anew. */
  readonly cardLost: (operationId: string) => void;
  readonly cardMoved: (operationId: string, wanted: string) => void;
  readonly cardLater: (operationId: string, nextAt: number, error: string) => void;
  readonly cardUndeliverable: (operationId: string, error: string) => void;
  readonly messageSent: (id: number, channel: string, ts: string) => void;
  /** It is there; its pictures and files are not. */
  readonly messagePosted: (id: number, channel: string, ts: string) => void;
  readonly messageLater: (id: number, nextAt: number, error: string) => void;
  readonly messageUndeliverable: (id: number, error: string) => void;
  /** Forgets messages that were done with before that instant. Their keys go too: nothing so old comes again. */
  readonly prune: (before: number) => void;
}

/** How many are looked at in one go. */
const BATCH = 500;

/** The courier's statements; each commits by itself. */
export function courierRows(db: Database.Database): CourierRows {
  const dirty = db.prepare(
    `select * from card where version > sent_version and state = 'open' order by rowid limit ${BATCH}`,
  );
  const card = db.prepare('select * from card where operation_id = ?');
  const waiting = db.prepare(`select * from outbox where state = 'waiting' order by id limit ${BATCH}`);
  const run = (sql: string) => {
    const statement = db.prepare(sql);
    return (...values: (string | number)[]): void => {
      statement.run(...values);
    };
  };
  const sent = run(
    `update card set sent_version = ?, sent_digest = ?, channel = ?, ts = ?, attempts = 0, next_at = 0, error = null
     where operation_id = ?`,
  );
  const clean = run('update card set sent_version = ? where operation_id = ?');
  const file = run('update card set file_digest = ? where operation_id = ?');
  const link = run('update card set permalink = ? where operation_id = ?');
  const lost = run('update card set ts = null, sent_digest = null where operation_id = ?');
  const moved = run(
    'update card set wanted = ?, otherwise = null, channel = null, ts = null, sent_digest = null, attempts = 0, next_at = 0 where operation_id = ?',
  );
  const later = run('update card set attempts = attempts + 1, next_at = ?, error = ? where operation_id = ?');
  const undeliverable = run("update card set state = 'undeliverable', error = ? where operation_id = ?");
  const messageSent = run("update outbox set state = 'sent', channel = ?, ts = ?, error = null where id = ?");
  const messagePosted = run('update outbox set channel = ?, ts = ?, attempts = 0, error = null where id = ?');
  const messageLater = run('update outbox set attempts = attempts + 1, next_at = ?, error = ? where id = ?');
  const messageUndeliverable = run("update outbox set state = 'undeliverable', error = ? where id = ?");
  const prune = run("delete from outbox where state <> 'waiting' and created_at < ?");
  return {
    dirtyCards: () => dirty.all().map((row) => CardRecord.parse(row)),
    card: (id) => {
      const row = card.get(id);
      return row === undefined ? null : CardRecord.parse(row);
    },
    waiting: () => waiting.all().map((row) => OutboxRecord.parse(row)),
    cardSent: (id, now) => sent(now.version, now.digest, now.channel, now.ts, id),
    cardClean: (id, version) => clean(version, id),
    cardFile: (id, digest) => file(digest, id),
    cardLink: (id, permalink) => link(permalink, id),
    cardLost: (id) => lost(id),
    cardMoved: (id, wanted) => moved(wanted, id),
    cardLater: (id, nextAt, error) => later(nextAt, error, id),
    cardUndeliverable: (id, error) => undeliverable(error, id),
    messageSent: (id, channel, ts) => messageSent(channel, ts, id),
    messagePosted: (id, channel, ts) => messagePosted(channel, ts, id),
    messageLater: (id, nextAt, error) => messageLater(nextAt, error, id),
    messageUndeliverable: (id, error) => messageUndeliverable(error, id),
    prune: (before) => prune(before),
  };
}
