import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase, openReadOnly } from '../../../src/infra/sqlite/database.ts';
import { imageRows } from '../../../src/infra/sqlite/image-rows.ts';
import { vmRows } from '../../../src/infra/sqlite/vm-rows.ts';
import { vmRow } from '../../kit/vm-row.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const MIGRATIONS = readdirSync(join(ROOT, 'src/infra/sqlite/migrations')).length;

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hostler-database-'));
  file = join(folder, 'hostler.db');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const schema = (db: Database.Database): unknown[] => db.prepare('select * from sqlite_schema').all();
const refused = (message: string | RegExp, hint: string) =>
  expect.objectContaining({
    code: 'invalid_config',
    message: expect.stringMatching(message),
    hint: expect.stringContaining(hint),
  });

it('waits for the disk at each commit, lets readers in, and counts a REPLACE as a DELETE', () => {
  const db = openDatabase(file);
  const pragma = (name: string): unknown => db.pragma(name, { simple: true });
  expect(['journal_mode', 'synchronous', 'foreign_keys', 'recursive_triggers'].map(pragma)).toEqual(['wal', 2, 1, 1]);
  db.close();
});

describe('migrations', () => {
  it('run once, and nothing the second time', () => {
    const first = openDatabase(file);
    const [made, rows] = [schema(first), first.prepare('select * from migration').all()];
    first.close();
    const again = openDatabase(file);
    expect(rows).toHaveLength(MIGRATIONS);
    expect([schema(again), again.prepare('select * from migration').all()]).toEqual([made, rows]);
    again.close();
  });

  it('take images over as their first version, with the VMs that hang on them', () => {
    const db = openDatabase(file);
    // As it was before images had versions.
    db.exec(
      `drop table image_clone; drop table image_wanted; drop table image;
       delete from migration where name in ('image-versions', 'built-images', 'image-copies')`,
    );
    const was = readFileSync(join(ROOT, 'src/infra/sqlite/migrations/0002-operations.sql'), 'utf8');
    db.exec(/create table image \([^;]*;/.exec(was)?.[0] ?? '');
    db.exec(`insert into image values ('img_1', 'deb', 'kvm-1', 'ready', 'vg', 'v', 1, 'f', 'linux2022', 'root', 7)`);
    const rows = vmRows(db);
    rows.insert(vmRow(1, { image: 'deb' }));
    rows.insert(vmRow(2, { image: 'deb', host: 'kvm-2' }));
    rows.insert(vmRow(3, { image: 'deb', life: 'trashed' }));
    db.close();
    const again = openDatabase(file);
    const images = imageRows(again);
    expect(images.list()).toEqual([
      expect.objectContaining({ id: 'img_1', version: 1, state: 'ready', builtOf: null }),
    ]);
    expect(images.hanging('img_1')).toBe(2);
    again.close();
  });

  it('refuse a database from a newer version, and change nothing', () => {
    const db = openDatabase(file);
    db.exec("insert into migration values (9001, 'later', 'x', 1)");
    const before = schema(db);
    db.close();
    expect(() => openDatabase(file)).toThrow(refused(/newer Hostler.*9001 \(later\)/, 'hostler restore'));
    const look = new Database(file);
    expect(schema(look)).toEqual(before);
    look.close();
  });

  it('refuse one that was made with other contents', () => {
    const db = openDatabase(file);
    db.exec("update migration set sum = 'other' where number = 2");
    db.close();
    expect(() => openDatabase(file)).toThrow(refused('Migration 2', 'empty state directory'));
  });

  it('run once also where several processes start at the same moment', { timeout: 120_000 }, async () => {
    // Node 20 runs no TypeScript: the children take what is built.
    expect(spawnSync(process.execPath, [join(ROOT, 'scripts', 'build.mjs')]).status).toBe(0);
    const module = pathToFileURL(join(ROOT, 'dist/src/infra/sqlite/database.js')).href;
    // Each waits for a byte from us: without work, and no longer than we live.
    const script = `
      const { readSync } = await import('node:fs');
      const { openDatabase } = await import(${JSON.stringify(module)});
      console.log('ready');
      if (readSync(0, Buffer.alloc(1)) === 0) process.exit(1);
      openDatabase(${JSON.stringify(file)}).close();`;
    const children = Array.from({ length: 4 }, () => {
      const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
        stdio: ['pipe', 'pipe', 'pipe'],
      });
      let errors = '';
      child.stderr.on('data', (chunk: Buffer) => {
        errors += chunk.toString();
      });
      return {
        go: () => child.stdin.end('!'),
        ready: new Promise((resolve) => child.stdout.once('data', resolve)),
        end: new Promise((resolve) => child.on('close', (code) => resolve({ code, errors }))),
      };
    });
    await Promise.all(children.map(({ ready }) => ready));
    for (const { go } of children) go();
    for (const { end } of children) expect(await end).toEqual({ code: 0, errors: '' });
    const db = openReadOnly(file);
    expect(db.prepare('select count(*) from migration').pluck().get()).toBe(MIGRATIONS);
    db.close();
  });
});

describe('a file that can’t be opened', () => {
  it.each([
    ['text', 'no database at all, but long enough to look at\n'.repeat(100)],
    ['zeros', '\0'.repeat(8192)],
  ])('holds %s', (_, text) => {
    writeFileSync(file, text);
    expect(() => openDatabase(file)).toThrow(refused(file, 'hostler restore'));
    expect(() => openReadOnly(file)).toThrow(refused(file, 'hostler restore'));
  });

  it('stands where there is no folder, or where a file is one', () => {
    expect(() => openDatabase(join(folder, 'none', 'hostler.db'))).toThrow(refused('none', 'folder'));
    writeFileSync(file, '');
    expect(() => openDatabase(join(file, 'hostler.db'))).toThrow(refused(file, 'folder'));
    expect(() => openDatabase('/proc/hostler.db')).toThrow(refused('/proc', 'folder'));
  });

  it('is a folder', () => {
    expect(() => openDatabase(folder)).toThrow(refused(folder, 'folder'));
  });

  it('is not there, for who only reads: and isn’t made', () => {
    expect(() => openReadOnly(file)).toThrow(refused(file, 'folder'));
    expect(existsSync(file)).toBe(false);
  });
});

it('reads beside a writer, and can’t write', () => {
  const db = openDatabase(file);
  db.exec('begin immediate');
  db.exec("insert into host (name) values ('kvm-1')");
  const reader = openReadOnly(file);
  expect(reader.prepare('select count(*) from host').pluck().get()).toBe(0);
  expect(() => reader.exec("insert into host (name) values ('kvm-2')")).toThrow('readonly');
  db.exec('commit');
  expect(reader.prepare('select count(*) from host').pluck().get()).toBe(1);
  reader.close();
  db.close();
});
