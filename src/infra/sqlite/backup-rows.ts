import type Database from 'better-sqlite3';
import { z } from 'zod';
import { BACKUP_ORIGINS, BACKUP_STATES, type Backup, BackupVm, Marker } from '../../domain/backup.ts';
import { CONSISTENCIES } from '../../domain/snapshot.ts';
import type { BackupRows } from '../../operations/backup-rows.ts';
import { retentionRows } from './retention-rows.ts';

const DisksJson = z.array(z.object({ target: z.string(), sizeBytes: z.number(), heldBytes: z.number() }));
const FilesJson = z.array(z.object({ path: z.string(), sizeBytes: z.number(), sha256: z.string() }));
const BaseJson = z.object({
  snapshot: z.string(),
  disks: z.array(z.object({ target: z.string(), vg: z.string(), volume: z.string() })),
});
const BackupRecord = z
  .object({
    id: z.string(),
    vm_id: z.string(),
    team: z.string(),
    vm_name: z.string(),
    number: z.number(),
    host: z.string(),
    directory: z.string(),
    origin: z.enum(BACKUP_ORIGINS),
    state: z.enum(BACKUP_STATES),
    consistency: z.enum(CONSISTENCIES),
    encrypted_to: z.string().nullable(),
    disks_json: z.string(),
    vm_json: z.string(),
    files_json: z.string(),
    made_by: z.string(),
    taken_at: z.number(),
    verified_at: z.number().nullable(),
    marker_json: z.string().nullable(),
    parent: z.string().nullable(),
    base_json: z.string().nullable(),
  })
  .transform(
    (row): Backup => ({
      id: row.id,
      vmId: row.vm_id,
      team: row.team,
      vmName: row.vm_name,
      number: row.number,
      host: row.host,
      directory: row.directory,
      origin: row.origin,
      state: row.state,
      consistency: row.consistency,
      encryptedTo: row.encrypted_to,
      disks: DisksJson.parse(JSON.parse(row.disks_json)),
      vm: BackupVm.parse(JSON.parse(row.vm_json)),
      files: FilesJson.parse(JSON.parse(row.files_json)),
      madeBy: row.made_by,
      takenAt: row.taken_at,
      verifiedAt: row.verified_at,
      marker: row.marker_json === null ? null : Marker.parse(JSON.parse(row.marker_json)),
      parent: row.parent,
      base: row.base_json === null ? null : BaseJson.parse(JSON.parse(row.base_json)),
    }),
  );

/** Backups, newest first. */
export function backupRows(db: Database.Database): BackupRows {
  const list = db.prepare('select * from backup where @team is null or team = @team order by taken_at desc, id desc');
  const byId = db.prepare('select * from backup where id = ?');
  const byName = db.prepare('select * from backup where team = ? and vm_name = ? and number = ?');
  const insert = db.prepare(
    `insert into backup (id, vm_id, team, vm_name, number, host, directory, origin, state, consistency, encrypted_to,
     disks_json, vm_json, files_json, made_by, taken_at, verified_at, parent, base_json, marker_json)
     values (@id, @vmId, @team, @vmName, @number, @host, @directory, @origin, @state, @consistency, @encryptedTo,
     @disks, @vm, @files, @madeBy, @takenAt, @verifiedAt, @parent, @base, @marker)`,
  );
  const update = db.prepare(
    `update backup set state = coalesce(@state, state), consistency = coalesce(@consistency, consistency),
     files_json = coalesce(@files, files_json), taken_at = coalesce(@takenAt, taken_at),
     verified_at = coalesce(@verifiedAt, verified_at), marker_json = coalesce(@marker, marker_json) where id = @id`,
  );
  const keepBase = db.prepare('update backup set base_json = ? where id = ?');
  const forget = db.prepare('delete from backup where id = ?');
  const one = (row: unknown) => (row === undefined ? null : BackupRecord.parse(row));
  return {
    list: (team) => list.all({ team }).map((row) => BackupRecord.parse(row)),
    byId: (id) => one(byId.get(id)),
    byName: (team, vmName, number) => one(byName.get(team, vmName, number)),
    insert: ({ disks, vm, files, base, marker, ...row }) => {
      const texts = { disks: JSON.stringify(disks), vm: JSON.stringify(vm), files: JSON.stringify(files) };
      insert.run({ ...row, ...texts, base: textOrNull(base), marker: textOrNull(marker) });
    },
    keepBase: (id, base) => {
      keepBase.run(textOrNull(base), id);
    },
    update: (id, { files, marker, ...change }) => {
      const none = { state: null, consistency: null, takenAt: null, verifiedAt: null };
      update.run({ ...none, ...change, id, files: textOrNull(files), marker: textOrNull(marker) });
    },
    forget: (id) => {
      forget.run(id);
    },
    ...retentionRows(db, 'backup_schedule'),
  };
}

function textOrNull(value: unknown): string | null {
  return value === undefined || value === null ? null : JSON.stringify(value);
}
