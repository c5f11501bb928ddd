import type Database from 'better-sqlite3';
import { z } from 'zod';
import type { FilesystemsKnown } from '../../domain/guest-filesystem.ts';
import { RUNNING } from '../../domain/health.ts';
import type { Rows } from '../../operations/store.ts';

const Told = z
  .object({ vm_id: z.string(), told_at: z.number(), told_json: z.string() })
  // Our own writing, of this shape.
  .transform((row): [string, FilesystemsKnown] => [row.vm_id, { at: row.told_at, list: JSON.parse(row.told_json) }]);

/** What guests' agents said of their filesystems. */
export function filesystemRows(db: Database.Database): Rows['filesystems'] {
  const told = 'select vm_id, told_at, told_json from guest_filesystems where told_at is not null';
  const of = db.prepare(`${told} and vm_id = ?`);
  const all = db.prepare(told);
  const asked = db.prepare(
    'insert into guest_filesystems (vm_id, asked_at) values (?, ?) on conflict do update set asked_at = excluded.asked_at',
  );
  const answered = db.prepare('update guest_filesystems set told_at = ?, told_json = ? where vm_id = ?');
  const toAsk = db
    .prepare(
      `select v.id from vm v join vm_watch w on w.vm_id = v.id left join guest_filesystems f on f.vm_id = v.id
       where v.host = ? and v.life = 'live' and v.seen_state in (${RUNNING.map(() => '?').join(', ')})
         and w.agent_seen_at is not null and w.agent_silent_since is null and coalesce(f.asked_at, 0) <= ?
       order by coalesce(f.asked_at, 0), v.team, v.name limit ?`,
    )
    .pluck();
  return {
    of: (vmId) => {
      const row = of.get(vmId);
      return row === undefined ? null : Told.parse(row)[1];
    },
    all: () => new Map(all.all().map((row) => Told.parse(row))),
    save: (vmId, at, list) => {
      asked.run(vmId, at);
      if (list !== null) answered.run(at, JSON.stringify(list), vmId);
    },
    toAsk: (host, before, most) => toAsk.all(host, ...RUNNING, before, most).map(String),
  };
}
