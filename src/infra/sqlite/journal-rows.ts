import type Database from 'better-sqlite3';
import { z } from 'zod';
import { JOURNAL_EVENTS } from '../../domain/journal-events.ts';
import type { Ran } from '../../operations/ports.ts';
import type { JournalRow, Rows } from '../../operations/store.ts';
import { ErrorJson, json } from './json-columns.ts';

const JournalRecord = z
  .object({
    seq: z.number(),
    operation_id: z.string(),
    step: z.string(),
    event: z.enum(JOURNAL_EVENTS),
    at: z.number(),
    output_json: z.string().nullable(),
    error_json: ErrorJson,
    ran_json: json<Ran[]>(),
  })
  .transform(
    (row): JournalRow => ({
      seq: row.seq,
      operationId: row.operation_id,
      step: row.step,
      event: row.event,
      at: row.at,
      output: row.output_json === null ? undefined : JSON.parse(row.output_json),
      error: row.error_json,
      ran: row.ran_json,
    }),
  );

/** The journal: the operation's events, the truth for recovery. */
export function journalRows(db: Database.Database): Rows['journal'] {
  const insert = db.prepare(
    'insert into journal (operation_id, step, event, at, output_json, error_json, ran_json) values (?, ?, ?, ?, ?, ?, ?)',
  );
  const of = db.prepare('select * from journal where operation_id = ? order by seq');
  return {
    append: (entry) => {
      insert.run(
        entry.operationId,
        entry.step,
        entry.event,
        entry.at,
        entry.output === undefined ? null : JSON.stringify(entry.output),
        entry.error === null ? null : JSON.stringify(entry.error),
        JSON.stringify(entry.ran),
      );
    },
    of: (operationId) => of.all(operationId).map((row) => JournalRecord.parse(row)),
  };
}
