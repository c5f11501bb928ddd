import { createHash } from 'node:crypto';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { canonicalJson } from '../../../src/domain/audit.ts';
import { openDatabase } from '../../../src/infra/sqlite/database.ts';
import type { AuditFilter } from '../../../src/operations/store.ts';
import { auditEntry, rowsOver, type TestDatabase, testDatabase } from './kit.ts';

let at: TestDatabase;
beforeEach(() => {
  at = testDatabase();
});
afterEach(() => at.end());

const NASTY = ['\u0000', '\ud83d', '"\\', '\u2028\n', '😀', '\ufffd', "'; drop table audit; --", ''];

function appendSome(count: number): void {
  at.rows.transaction(() => {
    for (let n = 1; n <= count; n += 1) at.rows.audit.append(auditEntry({ subject: `team-01/web-${n}` }), 1000 + n);
  });
}

describe('the chain', () => {
  it('has in each row the SHA-256 of canonical JSON of the row with the hash before it', async () => {
    appendSome(3);
    let prevHash = '';
    for (const { seq, hash, actor, data, ...row } of at.rows.audit.list({ limit: 9 }).toReversed()) {
      const text = canonicalJson({ ...row, seq, actor, data, prevHash });
      expect(hash).toBe(createHash('sha256').update(text).digest('hex'));
      prevHash = hash;
    }
    expect(at.rows.audit.head()).toEqual({ seq: 3, hash: prevHash });
    expect(await at.rows.audit.verify(prevHash)).toEqual({ ok: true, rows: 3, head: prevHash });
  });

  it('is whole when it is empty', async () => {
    expect(at.rows.audit.head()).toBeNull();
    expect(await at.rows.audit.verify(null)).toEqual({ ok: true, rows: 0, head: null });
  });

  it('holds any text, and reads back what was entered', async () => {
    for (const text of NASTY) {
      const entry = auditEntry({
        kind: text,
        operationId: text,
        actor: { person: text, slack: text, role: null, via: 'terminal' },
        team: text,
        subject: text,
        host: text,
        outcome: text,
        data: { [text]: text },
      });
      at.rows.audit.append(entry, 1);
      // A lone surrogate is no text that a database can hold; in JSON it can.
      const kept = text === '\ud83d' ? '\ufffd' : text;
      expect(at.rows.audit.list({ limit: 1 })[0]).toMatchObject({ kind: kept, subject: kept, data: { [text]: text } });
    }
    expect(await at.rows.audit.verify(null)).toMatchObject({ ok: true, rows: NASTY.length });
  });

  it('goes on after a rollback, and after rows of another process', async () => {
    appendSome(1);
    expect(() =>
      at.rows.transaction(() => {
        appendSome(2);
        throw new Error('no');
      }),
    ).toThrow('no');
    const theirs = openDatabase(at.file);
    rowsOver(theirs).audit.append(auditEntry(), 5);
    theirs.close();
    appendSome(1);
    expect(await at.rows.audit.verify(null)).toMatchObject({ ok: true, rows: 3 });
  });

  it('refuses what has no JSON, and leaves nothing of it', () => {
    expect(() => at.rows.audit.append(auditEntry({ data: { ms: Number.NaN } }), 1)).toThrow(TypeError);
    expect(at.rows.audit.head()).toBeNull();
  });
});

describe('the triggers', () => {
  beforeEach(() => appendSome(3));

  const columns = 'seq, at, kind, actor_json, person, outcome, data_json, prev_hash, hash';
  const copy = (seq: string, prev = 'prev_hash') =>
    `select ${seq}, at, 'forged', actor_json, person, outcome, data_json, ${prev}, hash from audit where seq = 2`;
  const HEAD = '(select hash from audit where seq = 3)';

  it.each([
    ['UPDATE', "update audit set outcome = 'x' where seq = 2"],
    ['UPDATE that changes nothing', 'update audit set outcome = outcome'],
    ['UPDATE of the seq', 'update audit set seq = 9 where seq = 3'],
    ['DELETE of one', 'delete from audit where seq = 3'],
    ['DELETE of all', 'delete from audit'],
    ['INSERT OR REPLACE', `insert or replace into audit (${columns}) ${copy('2')}`],
    ['REPLACE of the last', `replace into audit (${columns}) ${copy('3', HEAD)}`],
    ['an upsert', `insert into audit (${columns}) ${copy('2')} on conflict (seq) do update set outcome = 'x'`],
    ['INSERT before the others', `insert into audit (${columns}) ${copy('0')}`],
    ['INSERT beyond a gap', `insert into audit (${columns}) ${copy('5', HEAD)}`],
    ['INSERT that follows another row', `insert into audit (${columns}) ${copy('4')}`],
  ])('refuse %s, from us and from others', async (_, sql) => {
    expect(() => at.db.exec(sql)).toThrow(/append-only|must follow/);
    at.attack((db) => expect(() => db.exec(sql)).toThrow(/append-only|must follow/));
    expect(await at.rows.audit.verify(null)).toMatchObject({ ok: true, rows: 3 });
  });

  it('keep the journal as well', () => {
    at.db.exec(`insert into operation (id, kind, state, input_json, facts_json, minted_json, plan_json, digest, risk, person, role,
        origin_json, reason, subject, host, locks_json, add_vms, add_vcpus, add_memory_bytes, add_disk_bytes, created_at, updated_at)
      values ('op_1', 'k', 'running', '', '', '', '', '', 'safe', 'p', 'member', '', '', '', '', '[]', 0, 0, 0, 0, 0, 0)`);
    at.rows.journal.append({
      operationId: 'op_1',
      step: 's',
      event: 'started',
      at: 1,
      output: undefined,
      error: null,
      ran: [],
    });
    for (const sql of ["update journal set step = 'x'", 'delete from journal'])
      expect(() => at.db.exec(sql)).toThrow('append-only');
    // With our pragmas a REPLACE counts as a DELETE.
    expect(() =>
      at.db.exec(
        "replace into journal (seq, operation_id, step, event, at, ran_json) values (1, 'op_1', 'x', 'done', 1, '[]')",
      ),
    ).toThrow('append-only');
  });
});

describe('list', () => {
  beforeEach(() => {
    const { append } = at.rows.audit;
    append(auditEntry({ kind: 'vm.create', data: { note: 'Golden Image' } }), 10);
    append(auditEntry({ operationId: 'op_2', subject: 'team-01/db-01', host: 'kvm-2' }), 20);
    append(auditEntry({ team: 'team-02', actor: { person: 'anna', slack: null, role: null, via: 'terminal' } }), 30);
    append(auditEntry({ operationId: null, team: null, subject: null, host: null, outcome: 'refused' }), 40);
  });

  it.each<[Partial<AuditFilter>, number[]]>([
    [{}, [4, 3, 2, 1]],
    [{ limit: 2 }, [4, 3]],
    [{ beforeSeq: 3 }, [2, 1]],
    [{ person: 'anna' }, [3]],
    [{ team: 'team-01' }, [2, 1]],
    [{ subject: 'team-01/db-01' }, [2]],
    [{ operationId: 'op_2' }, [2]],
    [{ kind: 'vm.create' }, [1]],
    [{ from: 20, to: 40 }, [3, 2]],
    [{ text: 'golden image' }, [1]],
    [{ text: 'REFUSED' }, [4]],
    [{ text: 'kvm-2' }, [2]],
    [{ text: 'team-02' }, [3]],
    [{ text: "%_'" }, []],
    [{ team: 'team-01', kind: 'vm.restart' }, [2]],
  ])('%j gives %j', (filter, expected) => {
    expect(at.rows.audit.list({ limit: 10, ...filter }).map(({ seq }) => seq)).toEqual(expected);
  });

  it.each(['operation_id', 'team', 'person', 'subject'])('finds by %s through an index', (column) => {
    const plan = at.db.prepare(`explain query plan select * from audit where ${column} = 'x' order by seq desc`).all();
    expect(JSON.stringify(plan)).toContain('USING INDEX audit_');
    expect(JSON.stringify(plan)).not.toContain('TEMP B-TREE');
  });

  it('says which row can’t be read, and what to do', () => {
    const theirs = new Database(at.file);
    theirs.exec("drop trigger audit_no_update; update audit set actor_json = '{' where seq = 2");
    theirs.close();
    expect(() => at.rows.audit.list({ limit: 10 })).toThrow(
      expect.objectContaining({
        code: 'wrong_state',
        message: expect.stringContaining('row 2'),
        hint: expect.stringContaining('audit verify'),
      }),
    );
  });
});
