import type Database from 'better-sqlite3';

const statements = new WeakMap<Database.Database, Map<string, Database.Statement>>();

/** The statement of this text, prepared once for each database: for texts that are put together where they are used, and few in all. */
export function prepared(db: Database.Database, sql: string): Database.Statement {
  const known = statements.get(db) ?? new Map<string, Database.Statement>();
  const statement = known.get(sql) ?? db.prepare(sql);
  known.set(sql, statement);
  statements.set(db, known);
  return statement;
}
