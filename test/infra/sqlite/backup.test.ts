import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { auditRows } from '../../../src/infra/sqlite/audit.ts';
import { backUp, restore } from '../../../src/infra/sqlite/backup.ts';
import { openDatabase, openReadOnly } from '../../../src/infra/sqlite/database.ts';
import { auditEntry, type TestDatabase, testDatabase } from './kit.ts';

let at: TestDatabase;
let copy: string;
beforeEach(() => {
  at = testDatabase();
  copy = join(at.folder, 'copy.db');
});
afterEach(() => at.end());

function append(count: number): void {
  at.rows.transaction(() => {
    for (let n = 0; n < count; n += 1) at.rows.audit.append(auditEntry(), n);
  });
}

async function verdictOf(file: string) {
  const db = openReadOnly(file);
  try {
    return await auditRows(db).verify(null);
  } finally {
    db.close();
  }
}

const names = (): string[] => readdirSync(at.folder).filter((name) => !/^hostler\.db(-wal|-shm)?$/.test(name));

describe('a backup', () => {
  it('holds all that was committed, in one file for its owner alone', async () => {
    append(30);
    expect(await backUp(at.file, copy)).toMatch(/^30 audit rows, [\d.]+ [KM]iB$/);
    expect(await verdictOf(copy)).toEqual(await at.rows.audit.verify(null));
    expect(names()).toEqual(['copy.db']);
    expect(statSync(copy).mode & 0o777).toBe(0o600);
  });

  it('is of one moment while another process writes without a pause', async () => {
    append(2000);
    const script = `
      const Database = require('better-sqlite3');
      const db = new Database(${JSON.stringify(at.file)}, { timeout: 5000 });
      const both = db.transaction((n) => {
        db.prepare('insert into card (operation_id, wanted) values (?, ?)').run('op_' + n, 'x'.repeat(2000));
        db.prepare('insert into outbox (key, wanted, notice_json) values (?, ?, ?)').run('k' + n, 'C1', '{}');
      });
      let n = 0;
      const write = () => { both(n++); if (n === 1) console.log('writing'); setImmediate(write); };
      write();`;
    const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      await once(child.stdout, 'data');
      for (let n = 0; n < 5; n += 1) {
        const to = join(at.folder, `copy-${n}.db`);
        await backUp(at.file, to);
        const db = new Database(to);
        const [cards, messages] = ['card', 'outbox'].map((table) =>
          db.prepare(`select count(*) from ${table}`).pluck().get(),
        );
        expect(cards).toBe(messages);
        expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
        db.close();
        expect(await verdictOf(to)).toMatchObject({ ok: true, rows: 2000 });
      }
    } finally {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
  });

  it('writes over nothing, and leaves nothing where it can’t write', async () => {
    writeFileSync(copy, 'precious');
    await expect(backUp(at.file, copy)).rejects.toMatchObject({ code: 'already_exists' });
    expect(readFileSync(copy, 'utf8')).toBe('precious');
    await expect(backUp(at.file, join(at.folder, 'none', 'copy.db'))).rejects.toMatchObject({
      code: 'host_fault',
      hint: expect.stringContaining('directory'),
    });
    expect(names()).toEqual(['copy.db']);
    await expect(backUp(join(at.folder, 'none.db'), `${copy}2`)).rejects.toMatchObject({ code: 'invalid_config' });
  });
});

describe('a restore', () => {
  it('brings back what the backup held, and keeps the present beside it', async () => {
    append(3);
    await backUp(at.file, copy);
    append(2);
    at.db.close();
    expect(restore(at.file, copy, 0)).toContain('3 audit rows');
    expect(await verdictOf(at.file)).toMatchObject({ ok: true, rows: 3 });
    const aside = `${at.file}.before-restore-1970-01-01T00-00-00-000Z`;
    expect(await verdictOf(aside)).toMatchObject({ ok: true, rows: 5 });
    const db = openDatabase(at.file);
    auditRows(db).append(auditEntry(), 9);
    db.close();
    expect(await verdictOf(at.file)).toMatchObject({ ok: true, rows: 4 });
    expect(names().filter((name) => /restoring|part/.test(name))).toEqual([]);
  });

  it('takes along what stands in a WAL beside a copied database, and keeps that of the present', async () => {
    append(3);
    copyFileSync(at.file, copy);
    copyFileSync(`${at.file}-wal`, `${copy}-wal`);
    const lost = join(at.folder, 'killed.db');
    // The database of a process that was killed: its last commits are in the WAL alone.
    copyFileSync(copy, lost);
    copyFileSync(`${copy}-wal`, `${lost}-wal`);
    expect(restore(lost, copy, 0)).toContain('3 audit rows');
    expect(existsSync(`${lost}-wal`)).toBe(false);
    expect(await verdictOf(lost)).toMatchObject({ ok: true, rows: 3 });
    expect(await verdictOf(`${lost}.before-restore-1970-01-01T00-00-00-000Z`)).toMatchObject({ ok: true, rows: 3 });
  });

  it.each([
    ['text', (file: string) => writeFileSync(file, 'no database')],
    ['nothing', (file: string) => writeFileSync(file, '')],
    ['another program’s database', (file: string) => new Database(file).exec('create table t (x)').close()],
    ['a damaged copy', damaged],
  ])('refuses %s, and changes nothing', async (_, make) => {
    append(40);
    await backUp(at.file, copy);
    const bad = join(at.folder, 'bad.db');
    make(bad);
    const before = names();
    expect(() => restore(at.file, bad, 0)).toThrow(expect.objectContaining({ code: 'invalid_input' }));
    expect(names()).toEqual(before);
    expect(await at.rows.audit.verify(null)).toMatchObject({ ok: true, rows: 40 });
  });

  it('says that a backup is not there', () => {
    expect(() => restore(at.file, copy, 0)).toThrow(expect.objectContaining({ code: 'not_found' }));
  });

  function damaged(file: string): void {
    const bytes = readFileSync(copy);
    writeFileSync(file, bytes.fill(0xa5, 4096, bytes.length / 2));
  }
});
