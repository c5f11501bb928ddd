import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type AuditContent, auditText } from '../../../src/domain/audit.ts';
import { sha256 } from '../../../src/infra/hash.ts';
import { auditRows } from '../../../src/infra/sqlite/audit.ts';
import { type Db, openReadOnly } from '../../../src/infra/sqlite/database.ts';
import { auditEntry, behindTheTriggers, rowsOver, type TestDatabase, testDatabase } from './kit.ts';

const ROWS = 7;

let at: TestDatabase;
beforeEach(() => {
  at = testDatabase();
  append(at.db, ROWS);
});
afterEach(() => at.end());

function append(db: Db, count: number, outcome = 'succeeded'): void {
  const rows = rowsOver(db);
  rows.transaction(() => {
    for (let n = 0; n < count; n += 1) rows.audit.append(auditEntry({ outcome }), 1000 + n);
  });
}

const verify = (anchor: string | null = null) => at.rows.audit.verify(anchor);
const hashOf = (seq: number): string => String(at.db.prepare('select hash from audit where seq = ?').pluck().get(seq));
/** Changes rows as somebody would who knows the triggers, and leaves no trace of that. */
const tamper = (sql: string): void => at.attack((db) => behindTheTriggers(db, () => db.exec(sql)));

describe('a changed row is named', () => {
  it.each([1, 4, ROWS])('one byte of each column of row %i', async (seq) => {
    const columns = [
      ['at', 'at + 1'],
      ['kind', "'vm.restars'"],
      ['operation_id', "'op_2'"],
      ['operation_id', 'null'],
      ['actor_json', "replace(actor_json, 'dev1', 'dev2')"],
      ['person', "'01-dev2'"],
      ['team', "'team-02'"],
      ['subject', "'team-01/web-02'"],
      ['subject', 'null'],
      ['host', "'kvm-2'"],
      ['outcome', "'succeedee'"],
      ['data_json', "replace(data_json, '412', '413')"],
      ['data_json', "data_json || ' '"],
      ['prev_hash', "'0' || substr(prev_hash, 2)"],
      ['hash', "replace(hash, substr(hash, 1, 1), 'x')"],
    ] as const;
    for (const [column, value] of columns) {
      const before: unknown = at.db.prepare(`select ${column} from audit where seq = ?`).pluck().get(seq);
      tamper(`update audit set ${column} = ${value} where seq = ${seq}`);
      expect([column, value, await verify()]).toMatchObject([column, value, { ok: false, seq }]);
      at.attack((db) =>
        behindTheTriggers(db, () => db.prepare(`update audit set ${column} = ? where seq = ?`).run(before, seq)),
      );
      expect(await verify()).toMatchObject({ ok: true });
    }
  });

  it.each([
    ['no JSON', "'{'"],
    ['nothing', "''"],
    ['a number', "'7'"],
    ['a list', "'[]'"],
  ])('JSON that is %s', async (_, text) => {
    tamper(`update audit set actor_json = ${text} where seq = 3`);
    expect(await verify()).toMatchObject({ ok: false, seq: 3 });
  });

  it('one whose hash was made anew: the next does not follow it; the last is told by its JSON', async () => {
    rehash(4, { data_json: '{"command":"other"}' });
    expect(await verify()).toMatchObject({ ok: false, seq: 5, reason: expect.stringContaining('does not follow') });
  });

  it.each([
    ['no JSON', { actor_json: '{' }],
    ['another person than the one it is found by', { person: 'nobody' }],
    ['a list in place of its data', { data_json: '[]' }],
  ])('the last one, its hash made anew, with %s', async (_, change) => {
    rehash(ROWS, change);
    expect(await verify()).toMatchObject({ ok: false, seq: ROWS });
  });

  it('one whose text was cut so that two columns together read as before', async () => {
    // The same text to hash: {"actor":A,"at":1,"data":{"n":{},"at":2,"data":{}},…
    at.rows.audit.append(auditEntry({ data: { a: 0, at: 2, data: {} } }), 1);
    const seq = ROWS + 1;
    tamper(
      `update audit set actor_json = actor_json || ',"at":1,"data":{"a":0', at = 2, data_json = '{}}' where seq = ${seq}`,
    );
    // Its hash is still right, so only this tells.
    expect(await verify()).toMatchObject({ ok: false, seq, reason: expect.stringContaining('no JSON') });
  });

  it('one whose broken UTF-8 reads as it did', async () => {
    at.rows.audit.append(auditEntry({ outcome: 'odd \ufffd' }), 1);
    tamper(`update audit set outcome = cast(x'6f646420efbf' as text) where seq = ${ROWS + 1}`);
    expect(at.rows.audit.list({ limit: 1 })[0]?.outcome).toBe('odd \ufffd');
    expect(await verify()).toMatchObject({ ok: false, seq: ROWS + 1, reason: expect.stringContaining('UTF-8') });
  });

  function rehash(seq: number, change: Readonly<Record<string, string>>): void {
    // Somebody who has our code: appends the row anew in a copy of the chain.
    at.attack((db) =>
      behindTheTriggers(db, () => {
        for (const [column, value] of Object.entries(change))
          db.prepare(`update audit set ${column} = ? where seq = ?`).run(value, seq);
        db.prepare('update audit set hash = ? where seq = ?').run(hashFor(db, seq), seq);
      }),
    );
  }
});

describe('rows that are gone or new', () => {
  it('a row deleted in the middle', async () => {
    tamper('delete from audit where seq = 4');
    expect(await verify()).toMatchObject({ ok: false, seq: 4, reason: expect.stringContaining('missing') });
  });

  it('the first row', async () => {
    tamper('delete from audit where seq = 1');
    expect(await verify()).toMatchObject({ ok: false, seq: 1 });
  });

  it('a row deleted and the others moved up', async () => {
    tamper('delete from audit where seq = 4; update audit set seq = seq - 1 where seq > 4');
    expect(await verify()).toMatchObject({ ok: false, seq: 4 });
  });

  it('a row before the first', async () => {
    tamper(
      'insert into audit select -1, at, kind, operation_id, actor_json, person, team, subject, host, outcome, data_json, prev_hash, hash from audit where seq = 1',
    );
    expect(await verify()).toMatchObject({ ok: false });
  });

  it('two rows that changed places', async () => {
    tamper(
      'update audit set seq = -1 where seq = 4; update audit set seq = 4 where seq = 5; update audit set seq = 5 where seq = -1',
    );
    expect(await verify()).toMatchObject({ ok: false, seq: 4 });
  });

  it('a cut tail, by the anchor alone', async () => {
    const anchor = hashOf(ROWS);
    tamper(`delete from audit where seq > ${ROWS - 2}`);
    expect(await verify()).toMatchObject({ ok: true, rows: ROWS - 2 });
    expect(await verify(anchor)).toMatchObject({ ok: false, seq: ROWS - 1, reason: expect.stringContaining(anchor) });
  });

  it('all rows, by the anchor alone', async () => {
    const anchor = hashOf(1);
    tamper('delete from audit');
    expect(await verify()).toMatchObject({ ok: true, rows: 0 });
    expect(await verify(anchor)).toMatchObject({ ok: false, seq: 1 });
  });

  it('a chain written anew from a row on, by the anchor alone', async () => {
    const [early, late] = [hashOf(3), hashOf(6)];
    tamper('delete from audit where seq >= 4');
    append(at.db, 4, 'forged');
    expect(await verify()).toMatchObject({ ok: true, rows: ROWS });
    expect(await verify(late)).toMatchObject({ ok: false });
    expect(await verify(early)).toMatchObject({ ok: true });
  });

  it('every row is an anchor for what comes after it', async () => {
    for (let seq = 1; seq <= ROWS; seq += 1) expect(await verify(hashOf(seq))).toMatchObject({ ok: true });
    expect(await verify('0'.repeat(64))).toMatchObject({ ok: false });
  });
});

describe('the schema', () => {
  it.each(['audit_no_update', 'audit_no_delete', 'audit_in_order'])('without %s', async (trigger) => {
    at.attack((db) => db.exec(`drop trigger ${trigger}`));
    expect(await verify()).toEqual({ ok: false, seq: null, reason: expect.stringContaining(trigger) });
  });

  it.each([
    [
      'a trigger that never fires',
      "create trigger audit_no_update before update on audit when 0 begin select raise(abort, 'the audit is append-only'); end",
    ],
    ['one of the same name on another table', 'create trigger audit_no_update before update on vm begin select 1; end'],
  ])('with %s', async (_, sql) => {
    at.attack((db) => db.exec(`drop trigger audit_no_update; ${sql}`));
    expect(await verify()).toMatchObject({ ok: false, seq: null, reason: expect.stringContaining('audit_no_update') });
  });

  it('with a trigger of somebody else', async () => {
    at.attack((db) => db.exec('create trigger mine after insert on audit begin select 1; end'));
    expect(await verify()).toMatchObject({ ok: false, reason: expect.stringContaining('mine') });
  });

  it('without the table', async () => {
    at.attack((db) => db.exec('drop table audit'));
    const db = openReadOnly(at.file);
    expect(await auditRows(db).verify(null)).toMatchObject({
      ok: false,
      reason: expect.stringContaining('no such table'),
    });
    db.close();
  });

  it('names a row before it tells of a trigger', async () => {
    at.attack((db) => db.exec("drop trigger audit_no_update; update audit set outcome = 'x' where seq = 2"));
    expect(await verify()).toMatchObject({ ok: false, seq: 2 });
  });
});

describe('beside a writer', () => {
  it('verifies while another process writes, and reads only', async () => {
    const script = `
      const Database = require('better-sqlite3');
      const db = new Database(${JSON.stringify(at.file)}, { timeout: 5000 });
      const insert = db.prepare('insert into card (operation_id, wanted) values (?, ?)');
      let n = 0;
      const write = () => { insert.run('op_' + n++, 'C1'); if (n === 1) console.log('writing'); setImmediate(write); };
      write();`;
    const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    const db = openReadOnly(at.file);
    try {
      await once(child.stdout, 'data');
      for (let n = 0; n < 20; n += 1) {
        append(at.db, 100);
        expect(await auditRows(db).verify(null)).toMatchObject({ ok: true, rows: ROWS + (n + 1) * 100 });
      }
      expect(() => auditRows(db).append(auditEntry(), 1)).toThrow('readonly');
    } finally {
      db.close();
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
  });

  it('lets the process go on, and takes in what is appended meanwhile', async () => {
    append(at.db, 1200);
    let turns = 0;
    let ended = false;
    const verdict = verify().finally(() => {
      ended = true;
    });
    while (!ended) {
      turns += 1;
      if (turns === 1) append(at.db, 5);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(turns).toBeGreaterThan(2);
    expect(await verdict).toMatchObject({ ok: true, rows: ROWS + 1205 });
  });
});

/** The hash that the row as it stands would have: whoever can read the source can make one. */
function hashFor(db: Db, seq: number): string {
  const columns =
    'at, kind, operation_id as operationId, actor_json as actorJson, team, subject, host, outcome, data_json as dataJson';
  const row = db
    .prepare<[number], AuditContent>(`select seq, ${columns}, prev_hash as prevHash from audit where seq = ?`)
    .get(seq);
  if (row === undefined) throw new Error(`no row ${seq}`);
  return sha256(auditText(row));
}
