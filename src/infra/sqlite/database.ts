import Database from 'better-sqlite3';
import { BotError } from '../../domain/error.ts';
import { migrate } from './migrate.ts';

export type Db = Database.Database;

/**
 * Opens the database and brings it to this version. WAL, so that readers never wait; `synchronous=FULL`, for journal and audit must
 * outlive a power cut (WAL's NORMAL can lose the last commits); `recursive_triggers`, else INSERT OR REPLACE slips past the audit's.
 * @throws BotError `invalid_config` that says what to do.
 */
export function openDatabase(file: string): Db {
  const db = connect(file, {});
  try {
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = FULL');
    db.pragma('foreign_keys = ON');
    db.pragma('recursive_triggers = ON');
    migrate(db);
  } catch (cause) {
    db.close();
    throw explained(file, cause);
  }
  return db;
}

/** For looks beside a running bot: writes nothing, and needs no migration to have run here. */
export function openReadOnly(file: string): Db {
  const db = connect(file, { readonly: true, fileMustExist: true });
  try {
    db.pragma('schema_version');
  } catch (cause) {
    db.close();
    throw explained(file, cause);
  }
  return db;
}

function connect(file: string, options: Database.Options): Db {
  try {
    const db = new Database(file, { timeout: 5000, ...options });
    db.pragma('trusted_schema = OFF');
    return db;
  } catch (cause) {
    throw explained(file, cause);
  }
}

function explained(file: string, cause: unknown): BotError {
  if (cause instanceof BotError) return cause;
  const because = cause instanceof Error ? cause.message : String(cause);
  // A missing folder is told by better-sqlite3 itself.
  const code = cause instanceof Database.SqliteError ? cause.code : because;
  const hints: readonly (readonly [RegExp, string])[] = [
    [
      /SQLITE_NOTADB|SQLITE_CORRUPT/,
      'It is no database, or a damaged one: put it aside and `hostler restore` the last backup.',
    ],
    [
      /SQLITE_CANTOPEN|directory does not exist/,
      'Check that the folder exists and is yours, or name another state directory with HOSTLER_STATE_DIR.',
    ],
    [/SQLITE_READONLY|SQLITE_IOERR/, 'Check rights and free space of its folder.'],
    [/SQLITE_FULL/, 'The disk is full: make room.'],
    [/SQLITE_BUSY/, 'Another process holds it: end that one first.'],
  ];
  const hint = hints.find(([pattern]) => pattern.test(code))?.[1] ?? 'Check the file and its folder.';
  return new BotError('invalid_config', `The database ${file} can't be opened: ${because}`, { hint, cause });
}
