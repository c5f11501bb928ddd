import type Database from 'better-sqlite3';
import { z } from 'zod';
import { CONSISTENCIES, SNAPSHOT_ORIGINS, type Snapshot } from '../../domain/snapshot.ts';
import type { Rows } from '../../operations/store.ts';
import { retentionRows } from './retention-rows.ts';

const DisksJson = z.array(
  z.object({ target: z.string(), vg: z.string(), volume: z.string(), of: z.string(), sizeBytes: z.number() }),
);

const SnapshotRecord = z
  .object({
    id: z.string(),
    vm_id: z.string(),
    name: z.string(),
    origin: z.enum(SNAPSHOT_ORIGINS),
    state: z.enum(['taking', 'ready', 'faulted']),
    consistency: z.enum(CONSISTENCIES),
    protected: z.number(),
    parent: z.string().nullable(),
    disks_json: z.string(),
    made_by: z.string(),
    taken_at: z.number(),
  })
  .transform(
    (row): Snapshot => ({
      id: row.id,
      vmId: row.vm_id,
      name: row.name,
      origin: row.origin,
      state: row.state,
      consistency: row.consistency,
      protected: row.protected === 1,
      parent: row.parent,
      disks: DisksJson.parse(JSON.parse(row.disks_json)),
      madeBy: row.made_by,
      takenAt: row.taken_at,
    }),
  );

/** Snapshots, newest first, and where each VM's disks stand among them. */
export function snapshotRows(db: Database.Database): Rows['snapshots'] {
  const of = db.prepare('select * from snapshot where vm_id = ? order by taken_at desc, id desc');
  const insert = db.prepare(
    `insert into snapshot (id, vm_id, name, origin, state, consistency, protected, parent, disks_json, made_by, taken_at)
     values (@id, @vmId, @name, @origin, @state, @consistency, @protected, @parent, @disks, @madeBy, @takenAt)`,
  );
  const update = db.prepare(
    `update snapshot set state = coalesce(@state, state), consistency = coalesce(@consistency, consistency),
     taken_at = coalesce(@takenAt, taken_at), protected = coalesce(@protected, protected) where id = @id`,
  );
  const adopt = db.prepare(
    'update snapshot set parent = (select parent from snapshot where id = @id) where parent = @id',
  );
  const headUp = db.prepare(
    `update snapshot_head set snapshot_id = (select parent from snapshot where id = @id)
     where snapshot_id = @id and (select parent from snapshot where id = @id) is not null`,
  );
  const headless = db.prepare('delete from snapshot_head where snapshot_id = @id');
  const forget = db.prepare('delete from snapshot where id = @id');
  const head = db.prepare('select snapshot_id from snapshot_head where vm_id = ?').pluck();
  const setHead = db.prepare(
    'insert into snapshot_head (vm_id, snapshot_id) values (?, ?) on conflict do update set snapshot_id = excluded.snapshot_id',
  );
  const dropHead = db.prepare('delete from snapshot_head where vm_id = ?');
  return {
    of: (vmId) => of.all(vmId).map((row) => SnapshotRecord.parse(row)),
    insert: ({ protected: isProtected, disks, ...row }) => {
      insert.run({ ...row, protected: isProtected ? 1 : 0, disks: JSON.stringify(disks) });
    },
    update: (id, change) => {
      update.run({
        id,
        state: change.state ?? null,
        consistency: change.consistency ?? null,
        takenAt: change.takenAt ?? null,
        protected: change.protected === undefined ? null : Number(change.protected),
      });
    },
    forget: (id) => {
      for (const statement of [adopt, headUp, headless, forget]) statement.run({ id });
    },
    head: (vmId) => z.string().optional().parse(head.get(vmId)) ?? null,
    setHead: (vmId, snapshotId) => {
      if (snapshotId === null) dropHead.run(vmId);
      else setHead.run(vmId, snapshotId);
    },
    ...retentionRows(db, 'snapshot_schedule'),
  };
}
