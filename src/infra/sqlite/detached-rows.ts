import type Database from 'better-sqlite3';
import { z } from 'zod';
import type { DetachedDisk } from '../../operations/detached-rows.ts';
import type { Rows } from '../../operations/store.ts';
import { askedRows } from './asked-rows.ts';

const Record = z
  .object({
    vm_id: z.string(),
    vg: z.string(),
    volume: z.string(),
    target: z.string(),
    size_bytes: z.number(),
    kind: z.enum(['thin', 'thick']),
    xml: z.string(),
    detached_at: z.number(),
    detached_by: z.string(),
  })
  .transform(
    ({ vm_id, size_bytes, detached_at, detached_by, ...row }): DetachedDisk => ({
      ...row,
      vmId: vm_id,
      sizeBytes: size_bytes,
      detachedAt: detached_at,
      detachedBy: detached_by,
    }),
  );

/** Disks in the trash. */
export function detachedRows(db: Database.Database): Rows['detached'] {
  const order = 'order by detached_at, volume';
  const all = db.prepare(`select * from detached_disk ${order}`);
  const ofVm = db.prepare(`select * from detached_disk where vm_id = ? ${order}`);
  const onHost = db.prepare(
    `select detached_disk.* from detached_disk join vm on vm.id = vm_id where host = ? and life <> 'purged' ${order}`,
  );
  const insert = db.prepare(
    `insert into detached_disk (vm_id, vg, volume, target, size_bytes, kind, xml, detached_at, detached_by)
     values (@vmId, @vg, @volume, @target, @sizeBytes, @kind, @xml, @detachedAt, @detachedBy)`,
  );
  const forget = db.prepare('delete from detached_disk where vm_id = ? and volume = ?');
  const parsed = (rows: readonly unknown[]) => rows.map((row) => Record.parse(row));
  return {
    of: (vmId) => parsed(vmId === null ? all.all() : ofVm.all(vmId)),
    onHost: (host) => parsed(onHost.all(host)),
    insert: (disk) => {
      insert.run(disk);
    },
    forget: (vmId, volume) => {
      forget.run(vmId, volume);
    },
    asked: askedRows(db),
  };
}
