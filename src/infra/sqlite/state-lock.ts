import { accessSync, constants, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { BotError } from '../../domain/error.ts';

/** Makes the state directory, for this user alone. Throws `invalid_config` when it can't be made or written to. */
export function makeStateDir(stateDir: string): void {
  try {
    makeFolders(stateDir);
    accessSync(stateDir, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw new BotError('invalid_config', `The state directory ${stateDir} is not writable`, {
      hint: 'Give it to the bot’s user (`chown`), or name another with state_dir or HOSTLER_STATE_DIR.',
      cause,
    });
  }
}

/** As `mkdirSync` with `recursive`, which never returns below a folder that takes none, such as /proc (seen with Node 20). */
function makeFolders(folder: string): void {
  if (existsSync(folder)) return;
  const above = dirname(folder);
  if (above !== folder) makeFolders(above);
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (cause) {
    // Another process may have made it just now.
    if (Reflect.get(Object(cause), 'code') !== 'EEXIST') throw cause;
  }
}

/**
 * Takes the state directory for this process: an exclusive transaction on `lock.db`, which the kernel ends with the process, also at
 * SIGKILL. Throws `conflict` that names the
 * process which holds it. Answers with what lets go of it.
 */
export function lockState(stateDir: string): () => void {
  const pidFile = join(stateDir, 'lock.pid');
  let db: Database.Database | undefined;
  try {
    db = new Database(join(stateDir, 'lock.db'), { timeout: 0 });
    // Not WAL: there an exclusive transaction lets others in.
    db.pragma('journal_mode = DELETE');
    db.exec('begin exclusive');
    // The lock is in the kernel; this only tells whom to ask.
    writeFileSync(pidFile, `${process.pid}\n`, { mode: 0o600 });
  } catch (cause) {
    db?.close();
    throw refused(stateDir, pidFile, cause);
  }
  const held = db;
  return () => {
    if (!held.open) return;
    rmSync(pidFile, { force: true });
    if (held.inTransaction) held.exec('rollback');
    held.close();
  };
}

function refused(stateDir: string, pidFile: string, cause: unknown): BotError {
  if (cause instanceof Database.SqliteError && cause.code.startsWith('SQLITE_BUSY')) {
    const pid = livingPid(pidFile);
    return new BotError(
      'conflict',
      `Another Hostler${pid === null ? '' : ` (process ${pid})`} holds the state directory ${stateDir}`,
      {
        hint: 'One bot works on one state directory. Stop the other one, or name another directory with HOSTLER_STATE_DIR.',
        cause,
      },
    );
  }
  return new BotError(
    'invalid_config',
    `The state directory ${stateDir} can't be locked: ${cause instanceof Error ? cause.message : String(cause)}`,
    {
      hint: 'See that it is the bot’s own, is writable and has room; lock.db and lock.pid in it may be removed.',
      cause,
    },
  );
}

/** Null where the file is missing, or was left by one that is gone. */
function livingPid(file: string): number | null {
  if (!existsSync(file)) return null;
  const pid = Number.parseInt(readFileSync(file, 'utf8'), 10);
  if (!(pid > 0)) return null;
  try {
    process.kill(pid, 0);
  } catch (cause) {
    // Another user's process is alive as well.
    if (Reflect.get(Object(cause), 'code') !== 'EPERM') return null;
  }
  return pid;
}
