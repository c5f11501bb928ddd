import type Database from 'better-sqlite3';
import { z } from 'zod';
import type { AskedDisk } from '../../operations/detached-rows.ts';
import type { Rows } from '../../operations/store.ts';

const Record = z
  .object({ vm_id: z.string(), target: z.string(), asked_at: z.number() })
  .transform(({ vm_id, asked_at, ...row }): AskedDisk => ({ ...row, vmId: vm_id, askedAt: asked_at }));

/** Disks that guests may still let go of. */
export function askedRows(db: Database.Database): Rows['detached']['asked'] {
  const all = db.prepare('select * from asked_disk order by asked_at, vm_id, target');
  const save = db.prepare(
    `insert into asked_disk (vm_id, target, asked_at) values (@vmId, @target, @askedAt)
     on conflict do update set asked_at = excluded.asked_at`,
  );
  const forget = db.prepare('delete from asked_disk where vm_id = ? and target = ?');
  return {
    all: () => all.all().map((row) => Record.parse(row)),
    save: (disk) => {
      save.run(disk);
    },
    forget: (vmId, target) => {
      forget.run(vmId, target);
    },
  };
}
