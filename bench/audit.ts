/** Chained audit rows against plain inserts of the same rows into the same table without chain and triggers, as durably. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { canonicalJson } from '../src/domain/audit.ts';
import { sha256 } from '../src/infra/hash.ts';
import { auditRows } from '../src/infra/sqlite/audit.ts';
import { type Db, openDatabase } from '../src/infra/sqlite/database.ts';
import type { AuditEntry } from '../src/operations/store.ts';
import { type BenchContext, inTurn } from './kit.ts';

/** Many short rounds in turn: what the disk is busy with meanwhile meets both alike. */
const ROUNDS = 41;
/** Appends of one round. */
const SIZES = [
  { subject: 'one row a commit', perCommit: 1, rows: 200 },
  { subject: '50 rows a commit', perCommit: 50, rows: 2000 },
] as const;

export async function bench(ctx: BenchContext): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'hostler-bench-audit-'));
  try {
    for (const { subject, perCommit, rows } of SIZES) {
      const entries = Array.from({ length: rows }, (_, index) => entry(index));
      const chained = openDatabase(join(folder, `chained-${perCommit}.db`));
      const raw = rawDatabase(join(folder, `raw-${perCommit}.db`));
      const took = await inTurn(
        { chained: chainedRun(chained, entries, perCommit), raw: rawRun(raw, entries, perCommit) },
        ROUNDS,
      );
      chained.close();
      raw.close();
      const perSecond = (name: string): number => rows / ((took[name] ?? Number.NaN) / 1000);
      ctx.row({
        subject,
        ours: perSecond('chained'),
        peer: 'better-sqlite3, same table and indexes, no chain',
        theirs: perSecond('raw'),
        unit: 'rows/s',
        rounds: ROUNDS,
        better: 'more',
      });
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function entry(index: number): AuditEntry {
  return {
    kind: 'host.command',
    operationId: `op_01JD${String(index >> 3).padStart(22, '0')}`,
    actor: { person: `dev${index % 37}`, slack: `U0${index % 37}`, role: 'member', via: 'slack' },
    team: `team-0${index % 5}`,
    subject: `vm:team-0${index % 5}/web-${index % 97}`,
    host: `kvm-${index % 4}`,
    outcome: 'done',
    data: {
      step: 'create-volume',
      command: `sudo -n timeout -k 5 120 lvcreate -s -kn -n vm-${index}-d0 cloudvg/img-01JD --addtag hostler.op=${index}`,
      exit: 0,
      ms: 412 + (index % 100),
      input: { name: `web-${index % 97}`, image: 'tiny', flavor: 'small' },
      link: `https://example.slack.com/archives/C01/p17000000${index}`,
    },
  };
}

function chainedRun(db: Db, entries: readonly AuditEntry[], perCommit: number): () => Promise<void> {
  const { append } = auditRows(db);
  const commit = db.transaction((from: number) => {
    for (const each of entries.slice(from, from + perCommit)) append(each, Date.now());
  });
  return async () => {
    for (let from = 0; from < entries.length; from += perCommit) commit.immediate(from);
  };
}

/** The audit's own table with its indexes, but under another name and without triggers; pragmas are those of every database of ours. */
function rawDatabase(file: string): Db {
  const db = openDatabase(file);
  const statements = db
    .prepare<[], string>(
      "select sql from sqlite_schema where tbl_name = 'audit' and type <> 'trigger' and sql is not null order by rootpage",
    )
    .pluck()
    .all();
  for (const sql of statements)
    db.exec(sql.replace(/^(create table |create index )(\w+)/i, '$1raw_$2').replace(/ on audit/i, ' on raw_audit'));
  return db;
}

/** The values stand ready: all that is measured is binding, inserting and committing them. */
function rawRun(db: Db, entries: readonly AuditEntry[], perCommit: number): () => Promise<void> {
  const insert = db.prepare(
    `insert into raw_audit (seq, at, kind, operation_id, actor_json, person, team, subject, host, outcome, data_json, prev_hash, hash)
     values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  let seq = 0;
  const ready = entries.map((each, index) => ({
    ...each,
    actorJson: canonicalJson(each.actor),
    dataJson: canonicalJson(each.data),
    prevHash: sha256(`${index}`),
  }));
  const commit = db.transaction((from: number) => {
    for (const row of ready.slice(from, from + perCommit)) {
      seq += 1;
      insert.run(
        seq,
        Date.now(),
        row.kind,
        row.operationId,
        row.actorJson,
        row.actor.person,
        row.team,
        row.subject,
        row.host,
        row.outcome,
        row.dataJson,
        row.prevHash,
        row.prevHash,
      );
    }
  });
  return async () => {
    for (let from = 0; from < ready.length; from += perCommit) commit.immediate(from);
  };
}
