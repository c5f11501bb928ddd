import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type Database from 'better-sqlite3';
import { z } from 'zod';
import { BotError } from '../../domain/error.ts';

interface Migration {
  readonly number: number;
  readonly name: string;
  readonly sql: string;
  readonly sum: string;
}

const Applied = z.object({ number: z.number(), name: z.string(), sum: z.string() });

/** The numbered files beside this one, in order. */
function migrations(): Migration[] {
  const folder = new URL('./migrations/', import.meta.url);
  return readdirSync(fileURLToPath(folder))
    .filter((file) => /^\d{4}-[a-z-]+\.sql$/.test(file))
    .sort()
    .map((file) => {
      const sql = readFileSync(new URL(file, folder), 'utf8');
      return {
        number: Number(file.slice(0, 4)),
        name: file.slice(5, -4),
        sql,
        sum: createHash('sha256').update(sql).digest('hex'),
      };
    });
}

/**
 * Applies what is missing, forward only, in one transaction. The version's row goes in first, so that two starting at once are told apart.
 * @throws BotError `invalid_config` for a database from a newer version, or one whose past migrations were other than ours.
 */
export function migrate(db: Database.Database): void {
  const known = migrations();
  db.transaction(() => {
    db.exec(
      'create table if not exists migration (number integer primary key, name text not null, sum text not null, at integer not null) strict',
    );
    const applied = db
      .prepare('select number, name, sum from migration order by number')
      .all()
      .map((row) => Applied.parse(row));
    for (const row of applied) {
      const ours = known.find(({ number }) => number === row.number);
      if (ours === undefined) {
        throw new BotError(
          'invalid_config',
          `The database is from a newer Hostler: it has migration ${row.number} (${row.name}), this one knows ${known.at(-1)?.number ?? 0}`,
          {
            hint: 'Start the newer version again, or `hostler restore` a backup that this version made.',
          },
        );
      }
      if (ours.sum !== row.sum) {
        throw new BotError(
          'invalid_config',
          `Migration ${row.number} (${row.name}) was applied with another content than this version's`,
          {
            hint: 'This database was made by a development version: restore a backup, or start with an empty state directory.',
          },
        );
      }
    }
    const insert = db.prepare('insert into migration (number, name, sum, at) values (?, ?, ?, ?)');
    for (const migration of known) {
      if (applied.some(({ number }) => number === migration.number)) continue;
      insert.run(migration.number, migration.name, migration.sum, Date.now());
      db.exec(migration.sql);
    }
  }).immediate();
}
