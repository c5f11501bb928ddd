import type Database from 'better-sqlite3';
import { z } from 'zod';

export type InboxKind = 'command' | 'view' | 'action';

export interface InboxEntry {
  readonly key: string;
  readonly kind: InboxKind;
  readonly body: Record<string, unknown>;
}

const Entry = z
  .object({ key: z.string(), kind: z.enum(['command', 'view', 'action']), body_json: z.string() })
  .transform(
    (row): InboxEntry => ({
      key: row.key,
      kind: row.kind,
      body: z.record(z.string(), z.unknown()).parse(JSON.parse(row.body_json)),
    }),
  );

export interface InboxRows {
  /** False when this key is there already: a redelivery. */
  readonly add: (entry: InboxEntry, at: number) => boolean;
  readonly done: (key: string, at: number) => void;
  /** Oldest first: what a crash left undone. */
  readonly open: () => readonly InboxEntry[];
  /** Forgets what was done before that instant. */
  readonly prune: (before: number) => void;
}

/** The inbox's statements; the caller commits. */
export function inboxRows(db: Database.Database): InboxRows {
  const add = db.prepare(
    'insert into inbox (key, kind, body_json, received_at) values (?, ?, ?, ?) on conflict (key) do nothing',
  );
  const done = db.prepare("update inbox set done_at = ?, body_json = '{}' where key = ? and done_at is null");
  const open = db.prepare('select key, kind, body_json from inbox where done_at is null order by received_at, key');
  const prune = db.prepare('delete from inbox where done_at < ?');
  return {
    add: ({ key, kind, body }, at) => add.run(key, kind, JSON.stringify(body), at).changes === 1,
    done: (key, at) => {
      done.run(at, key);
    },
    open: () => open.all().map((row) => Entry.parse(row)),
    prune: (before) => {
      prune.run(before);
    },
  };
}
