import { chmodSync, closeSync, existsSync, fsyncSync, linkSync, openSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { BotError } from '../../domain/error.ts';
import { formatSize } from '../../domain/size.ts';
import { type Db, openReadOnly } from './database.ts';

/**
 * Copies the database whole, as it is at one moment, while others write. The copy is one file of its own, without a WAL beside it.
 * Throws `already_exists` rather than write over anything.
 */
export async function backUp(databaseFile: string, to: string): Promise<string> {
  if (existsSync(to)) {
    throw new BotError('already_exists', `${to} is there already`, {
      hint: 'Name a file that isn’t, or move this one away.',
    });
  }
  const db = openReadOnly(databaseFile);
  try {
    copyInto(db, to);
  } finally {
    db.close();
  }
  return describe(to);
}

/**
 * Puts a backup in the place of the database, whose files are kept beside it under `before-restore-…`.
 * The caller holds the state's lock. Throws `invalid_input` for what is no backup of ours, and then changes nothing.
 */
export function restore(databaseFile: string, from: string, now: number): string {
  if (!existsSync(from))
    throw new BotError('not_found', `${from} is not there`, { hint: 'Give a file that `hostler backup` made.' });
  const told = describe(from);
  const fresh = `${databaseFile}.restoring`;
  rmSync(fresh, { force: true });
  // Not a copy of the file: what stands in a WAL beside it belongs to it.
  const db = openReadOnly(from);
  try {
    copyInto(db, fresh);
  } finally {
    db.close();
  }
  const aside = `${databaseFile}.before-restore-${new Date(now).toISOString().replaceAll(/[:.]/g, '-')}`;
  // Linked and not moved: at no moment is there no database, which a bot would take for its first start.
  if (existsSync(databaseFile)) linkSync(databaseFile, aside);
  for (const suffix of ['-wal', '-shm']) {
    if (existsSync(`${databaseFile}${suffix}`)) renameSync(`${databaseFile}${suffix}`, `${aside}${suffix}`);
  }
  renameSync(fresh, databaseFile);
  synced(dirname(databaseFile));
  return told;
}

/** One statement, so one snapshot: SQLite's backup API begins again whenever somebody else has written. */
function copyInto(db: Db, to: string): void {
  const part = `${to}.part`;
  try {
    rmSync(part, { force: true });
    db.prepare('vacuum into ?').run(part);
    // It holds people's names and keys.
    chmodSync(part, 0o600);
    synced(part);
    renameSync(part, to);
    synced(dirname(to));
  } catch (cause) {
    rmSync(part, { force: true });
    throw new BotError(
      'host_fault',
      `The copy can’t be written to ${to}: ${cause instanceof Error ? cause.message : ''}`,
      {
        hint: 'See that its directory is there, is writable, and has room.',
        cause,
      },
    );
  }
}

/** On disk, whatever the power does: VACUUM INTO leaves that to others. */
function synced(path: string): void {
  const fd = openSync(path, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** `12345 audit rows, 4.1 MiB`, after SQLite's own check of the whole file. */
function describe(file: string): string {
  const notOurs = (cause?: unknown): BotError =>
    new BotError('invalid_input', `${file} is no whole backup of Hostler`, {
      hint: 'Give a file that `hostler backup` made.',
      cause,
    });
  let db: Db;
  try {
    db = openReadOnly(file);
  } catch (cause) {
    throw notOurs(cause);
  }
  try {
    const fault: unknown = db.pragma('quick_check(1)', { simple: true });
    if (fault !== 'ok') throw notOurs(fault);
    const rows: unknown = db.prepare('select count(*) from audit').pluck().get();
    return `${String(rows)} audit rows, ${formatSize(statSync(file).size)}`;
  } catch (cause) {
    if (cause instanceof BotError) throw cause;
    throw notOurs(cause);
  } finally {
    db.close();
  }
}
