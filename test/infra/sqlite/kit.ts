/** A database in a folder of its own, rows over it, and somebody with a second connection and bad intent. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { type Db, openDatabase } from '../../../src/infra/sqlite/database.ts';
import { enqueue, touchCard } from '../../../src/infra/sqlite/outbox.ts';
import { openRows } from '../../../src/infra/sqlite/rows.ts';
import type { AuditEntry, Rows } from '../../../src/operations/store.ts';

export interface TestDatabase {
  readonly folder: string;
  readonly file: string;
  readonly db: Db;
  readonly rows: Rows;
  /** As somebody would with the sqlite3 program: a plain connection of their own, with none of our pragmas. */
  readonly attack: (act: (db: Db) => void) => void;
  readonly end: () => void;
}

export function testDatabase(): TestDatabase {
  const folder = mkdtempSync(join(tmpdir(), 'hostler-sqlite-'));
  const file = join(folder, 'hostler.db');
  const db = openDatabase(file);
  return {
    folder,
    file,
    db,
    rows: rowsOver(db),
    attack: (act) => {
      const theirs = new Database(file);
      try {
        act(theirs);
      } finally {
        theirs.close();
      }
    },
    end: () => {
      db.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export function rowsOver(db: Db): Rows {
  return openRows(db, {
    touchCard: (id) => touchCard(db, id, 'C1'),
    post: (message) => enqueue(db, message),
  });
}

export function auditEntry(change: Partial<AuditEntry> = {}): AuditEntry {
  return {
    kind: 'vm.restart',
    operationId: 'op_1',
    actor: { person: '01-dev1', slack: 'U01DEV1', role: 'member', via: 'slack' },
    team: 'team-01',
    subject: 'team-01/web-01',
    host: 'kvm-1',
    outcome: 'succeeded',
    data: { command: 'restart web-01', ms: 412 },
    ...change,
  };
}

const TRIGGERS = ['audit_no_update', 'audit_no_delete', 'audit_in_order'];

/** Drops the triggers, lets somebody change rows, and puts the triggers back as they were. */
export function behindTheTriggers(db: Db, act: () => void): void {
  const texts = TRIGGERS.map((name) =>
    String(db.prepare('select sql from sqlite_schema where name = ?').pluck().get(name)),
  );
  for (const name of TRIGGERS) db.exec(`drop trigger ${name}`);
  act();
  for (const text of texts) db.exec(text);
}
