/** What must not be lost is on disk before its ack, a burst waits for the disk once, and nobody's work keeps another's ack waiting. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AllMiddlewareArgs, App, type SlackCommandMiddlewareArgs } from '@slack/bolt';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Delivery, type Intake, makeIntake } from '../../../src/infra/slack/intake.ts';
import { type Db, openDatabase, openReadOnly } from '../../../src/infra/sqlite/database.ts';
import { makeGroupCommit } from '../../../src/infra/sqlite/group-commit.ts';
import { inboxRows } from '../../../src/infra/sqlite/inbox.ts';
import { keptLog, quietLogger } from './kit.ts';

const BURST = 50;

let folder: string;
let db: Db;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hostler-intake-'));
  db = openDatabase(join(folder, 'hostler.db'));
});
afterEach(() => {
  db.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Commits that the WAL holds: the last frame of each bears the size of the database (sqlite.org/fileformat2.html, 4.1). */
function commits(): number {
  const wal = readFileSync(join(folder, 'hostler.db-wal'));
  const frame = 24 + wal.readUInt32BE(8);
  let count = 0;
  for (let at = 32; at + frame <= wal.length; at += frame) if (wal.readUInt32BE(at + 4) !== 0) count += 1;
  return count;
}

/** Bolt between this intake and one handler for `/vm`. */
function withHandler(
  intake: Intake,
  handler: (args: SlackCommandMiddlewareArgs & AllMiddlewareArgs) => Promise<void>,
): void {
  const app = new App({
    receiver: { init: () => undefined, start: async () => undefined, stop: async () => undefined },
    authorize: async () => ({ botToken: 'xoxb-1', botId: 'B1', botUserId: 'U1' }),
    logger: quietLogger,
  });
  app.command('/vm', handler);
  intake.bind(app);
}

function command(n: number, ack: () => void): Delivery {
  return {
    key: `envelope-${n}`,
    body: { command: '/vm', text: 'list', team_id: 'T1', user_id: 'U2', channel_id: 'C1' },
    ack,
  };
}

it('is one commit for a burst, synced, and each row is there for others at its ack', async () => {
  const log = keptLog();
  const intake = makeIntake({ inbox: inboxRows(db), commit: makeGroupCommit(db), log, now: Date.now });
  const others = openReadOnly(join(folder, 'hostler.db'));
  const kept = others.prepare('select count(*) from inbox where key = ?').pluck();
  const atAck: unknown[] = [];
  const before = commits();
  let commitsAtFirstAck = 0;
  withHandler(intake, async ({ ack }) => ack());
  expect(db.pragma('synchronous', { simple: true })).toBe(2);
  await Promise.all(
    Array.from({ length: BURST }, (_, n) =>
      intake.take(
        command(n, () => {
          if (atAck.length === 0) commitsAtFirstAck = commits() - before;
          atAck.push(kept.get(`envelope-${n}`));
        }),
      ),
    ),
  );
  others.close();
  expect(log.said).toEqual([]);
  expect(atAck).toEqual(Array.from({ length: BURST }, () => 1));
  expect(commitsAtFirstAck).toBe(1);
  expect(inboxRows(db).open()).toEqual([]);
});

it('acks all of a burst before the first handler works', async () => {
  const intake = makeIntake({ inbox: inboxRows(db), commit: makeGroupCommit(db), log: keptLog(), now: Date.now });
  const seen: string[] = [];
  withHandler(intake, async ({ ack }) => {
    seen.push('works');
    await ack();
  });
  const taken = Array.from({ length: BURST }, (_, n) => intake.take(command(n, () => seen.push('acked'))));
  // The last ones come while the first are on their way to the disk, as they do from a socket.
  await new Promise((resolve) => setImmediate(resolve));
  taken.push(...Array.from({ length: BURST }, (_, n) => intake.take(command(BURST + n, () => seen.push('acked')))));
  await Promise.all(taken);
  expect(seen).toEqual([...Array(2 * BURST).fill('acked'), ...Array(2 * BURST).fill('works')]);
});

it('lets work go on under a stream that never ends', async () => {
  const intake = makeIntake({ inbox: inboxRows(db), commit: makeGroupCommit(db), log: keptLog(), now: Date.now });
  let worked = 0;
  withHandler(intake, async () => {
    worked += 1;
  });
  const taken: Promise<void>[] = [];
  const deadline = Date.now() + 20_000;
  for (let n = 0; worked === 0 && Date.now() < deadline; n += 1) {
    taken.push(intake.take(command(n, () => undefined)));
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(worked).toBeGreaterThan(0);
  await Promise.all(taken);
  expect(worked).toBe(taken.length);
});
