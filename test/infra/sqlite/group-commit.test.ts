import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Db, openDatabase } from '../../../src/infra/sqlite/database.ts';
import { makeGroupCommit } from '../../../src/infra/sqlite/group-commit.ts';
import { inboxRows } from '../../../src/infra/sqlite/inbox.ts';

let folder: string;
let db: Db;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hostler-commit-'));
  db = openDatabase(join(folder, 'hostler.db'));
});
afterEach(() => {
  db.close();
  rmSync(folder, { recursive: true });
});

const keys = (other: Db = db): unknown[] => other.prepare('select key from inbox order by key').pluck().all();

test('many share a commit, and each is on disk when its promise resolves', async () => {
  const commit = makeGroupCommit(db);
  const inbox = inboxRows(db);
  const other = openDatabase(join(folder, 'hostler.db'));
  const results = await Promise.all(
    Array.from({ length: 50 }, async (_, n) => {
      const isNew = await commit(() => inbox.add({ key: `k${n % 40}`, kind: 'command', body: {} }, 1));
      expect(keys(other)).toContain(`k${n % 40}`);
      return isNew;
    }),
  );
  other.close();
  expect(results.filter(Boolean)).toHaveLength(40);
});

test('one that throws is undone alone', async () => {
  const commit = makeGroupCommit(db);
  const inbox = inboxRows(db);
  const good = commit(() => inbox.add({ key: 'good', kind: 'command', body: {} }, 1));
  const bad = commit(() => {
    inbox.add({ key: 'bad', kind: 'command', body: {} }, 1);
    throw new Error('no');
  });
  await expect(bad).rejects.toThrow('no');
  expect(await good).toBe(true);
  expect(keys()).toEqual(['good']);
});

test('a commit that fails fails all of its works', async () => {
  const commit = makeGroupCommit(db);
  db.close();
  const [a, b] = await Promise.allSettled([commit(() => 1), commit(() => 2)]);
  expect([a?.status, b?.status]).toEqual(['rejected', 'rejected']);
  db = openDatabase(join(folder, 'hostler.db'));
});

test('a fault that ends the whole transaction, as a full disk does, keeps none of its works', async () => {
  const commit = makeGroupCommit(db);
  const inbox = inboxRows(db);
  db.exec("create trigger full before insert on inbox when new.key = 'full' begin select raise(rollback, 'full'); end");
  const works = ['before', 'full', 'after'].map((key) =>
    commit(() => inbox.add({ key, kind: 'command', body: {} }, 1)),
  );
  const settled = await Promise.allSettled(works);
  expect(settled.map((it) => (it.status === 'rejected' ? String(it.reason) : it.value))).toEqual(
    Array(3).fill('SqliteError: full'),
  );
  expect(keys()).toEqual([]);
  expect(await commit(() => inbox.add({ key: 'after', kind: 'command', body: {} }, 1))).toBe(true);
});
