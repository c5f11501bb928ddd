/** The audit through `bin/hostler`: rows that a real bot made, and somebody with a connection of their own to its database. */
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { auditRows } from '../../src/infra/sqlite/audit.ts';
import { openDatabase } from '../../src/infra/sqlite/database.ts';
import { endAll, type Place, place } from '../e2e/kit.ts';
import { auditEntry, behindTheTriggers } from '../infra/sqlite/kit.ts';

let at: Place;
afterEach(endAll);

function attack(act: (db: Database.Database) => void): void {
  const db = new Database(join(at.stateDir, 'hostler.db'));
  act(db);
  db.close();
}

const verify = (...more: string[]) => at.cli(['audit', 'verify', ...more]);
const hashOf = (seq: number): string => at.audit().find((row) => row.seq === seq)?.hash ?? 'none';

describe('with no bot', () => {
  beforeEach(async () => {
    at = await place({ start: false });
    // An attempt at a change is a row; the others are made here, for it takes a second to start a process.
    const create = ['vm', 'create', 'web-01', '--image', 'tiny', '--flavor', 'none'];
    expect(await at.cli(['run', '--yes', '--as', '01-dev1', '--', ...create])).toMatchObject({ exit: 1 });
    const db = openDatabase(join(at.stateDir, 'hostler.db'));
    for (const name of ['two', 'three', 'four']) auditRows(db).append(auditEntry({ data: { name } }), Date.now());
    db.close();
    expect(at.audit()).toHaveLength(4);
  });

  it('verify tells a whole audit from one that somebody has changed', async () => {
    expect(await verify()).toMatchObject({ exit: 0, stdout: expect.stringContaining(`4 rows, head ${hashOf(4)}`) });
    expect(await verify('--anchor', hashOf(2))).toMatchObject({ exit: 0 });
    attack((db) => behindTheTriggers(db, () => db.exec("update audit set outcome = outcome || 'x' where seq = 2")));
    expect(await verify()).toMatchObject({ exit: 1, stdout: expect.stringContaining('row 2') });
  });

  it('verify misses a dropped trigger, and finds a byte changed after it', async () => {
    attack((db) => db.exec('drop trigger audit_no_update'));
    expect(await verify()).toMatchObject({ exit: 1, stdout: expect.stringContaining('audit_no_update') });
    attack((db) => db.exec("update audit set data_json = replace(data_json, 'three', 'thref') where seq = 3"));
    expect(await verify()).toMatchObject({ exit: 1, stdout: expect.stringContaining('row 3') });
  });

  it('verify sees a cut tail by an anchor, and only so', async () => {
    const anchor = hashOf(4);
    attack((db) => behindTheTriggers(db, () => db.exec('delete from audit where seq = 4')));
    expect(await verify()).toMatchObject({ exit: 0, stdout: expect.stringContaining('3 rows') });
    expect(await verify('--anchor', anchor)).toMatchObject({ exit: 1, stdout: expect.stringContaining(anchor) });
  });

  it('verify says so where the table is gone', async () => {
    attack((db) => db.exec('drop table audit'));
    expect(await verify()).toMatchObject({ exit: 1, stdout: expect.stringContaining('no such table') });
  });

  it('verify makes no database where there is none', async () => {
    rmSync(at.stateDir, { recursive: true });
    expect(await verify()).toMatchObject({ exit: 2, stderr: expect.stringContaining('HOSTLER_STATE_DIR') });
    expect(existsSync(at.stateDir)).toBe(false);
  });

  it('a database that is none, from a newer version, or where none can be, changes nothing and says what to do', async () => {
    const run = (env = {}) => at.cli(['run', '--', 'vm', 'list'], env);
    attack((db) => db.exec("insert into migration values (9001, 'later', 'x', 1)"));
    expect(await run()).toMatchObject({
      exit: 2,
      stderr: expect.stringMatching(/newer Hostler[\s\S]*hostler restore/),
    });
    for (const suffix of ['', '-wal', '-shm']) rmSync(join(at.stateDir, `hostler.db${suffix}`), { force: true });
    writeFileSync(join(at.stateDir, 'hostler.db'), 'no database\n'.repeat(999));
    expect(await run()).toMatchObject({ exit: 2, stderr: expect.stringContaining('hostler restore') });
    for (const bad of [join(at.configFile, 'state'), '/proc/hostler'])
      expect(await run({ HOSTLER_STATE_DIR: bad })).toMatchObject({
        exit: 2,
        stderr: expect.stringMatching(/not writable[\s\S]*HOSTLER_STATE_DIR/),
      });
  });
});

describe('beside a bot', () => {
  beforeEach(async () => {
    at = await place();
  });

  it('verify, export and backup work; a second bot and a restore are refused with its pid; its lock dies with it', async () => {
    const rows = at.audit().length;
    expect(rows).toBeGreaterThan(3);
    expect(await verify()).toMatchObject({ exit: 0, stdout: expect.stringContaining(`${rows} rows`) });
    const exported = await at.cli(['audit', 'export']);
    expect(JSON.parse(exported.stdout)).toEqual(JSON.parse(JSON.stringify(at.audit().toReversed())));
    const copy = join(at.folder, 'copy.db');
    expect(await at.cli(['backup', copy])).toMatchObject({ exit: 0, stdout: expect.stringContaining(`${rows} audit`) });

    const pid = at.bot().process.pid;
    const told = { exit: 75, stderr: expect.stringContaining(`process ${pid}`) };
    expect(await at.cli(['start'])).toMatchObject(told);
    expect(await at.cli(['restore', copy])).toMatchObject(told);

    await at.kill('SIGKILL');
    expect(await at.cli(['restore', copy])).toMatchObject({
      exit: 0,
      stdout: expect.stringContaining(`${rows} audit`),
    });
    expect(await verify()).toMatchObject({ exit: 0, stdout: expect.stringContaining(`${rows} rows`) });
    expect(readdirSync(at.stateDir).filter((name) => name.includes('before-restore-'))).not.toEqual([]);
    await at.start();
  });
});
