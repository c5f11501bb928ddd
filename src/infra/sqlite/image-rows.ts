import type Database from 'better-sqlite3';
import { z } from 'zod';
import { IMAGE_STATES } from '../../domain/image.ts';
import type { ImageRow, ImageRows } from '../../operations/image-rows.ts';

const ImageRecord = z
  .object({
    id: z.string(),
    name: z.string(),
    version: z.number(),
    host: z.string(),
    state: z.enum(IMAGE_STATES),
    vg: z.string(),
    volume: z.string(),
    size_bytes: z.number(),
    file: z.string(),
    digest: z.string().nullable(),
    osinfo: z.string(),
    login: z.string(),
    built_of: z.string().nullable(),
    added_at: z.number(),
    changed_at: z.number(),
  })
  .transform(
    ({ size_bytes, built_of, added_at, changed_at, ...row }): ImageRow => ({
      ...row,
      sizeBytes: size_bytes,
      builtOf: built_of,
      addedAt: added_at,
      changedAt: changed_at,
    }),
  );

/** Images: a golden volume for each name, host and version. */
export function imageRows(db: Database.Database): ImageRows {
  const list = db.prepare(
    'select * from image where (@name is null or name = @name) order by name, version desc, host',
  );
  const find = db.prepare(
    `select * from image where name = ? and host = ? and state in ('ready', 'adding', 'faulted')
     order by state = 'ready' desc, version desc limit 1`,
  );
  const insert = db.prepare(
    `insert into image (id, name, version, host, state, vg, volume, size_bytes, file, digest, osinfo, login, built_of, added_at, changed_at)
     values (@id, @name, @version, @host, @state, @vg, @volume, @sizeBytes, @file, @digest, @osinfo, @login, @builtOf, @addedAt, @changedAt)`,
  );
  const setState = db.prepare('update image set state = ?, changed_at = ? where id = ?');
  const forget = db.prepare('delete from image where id = ?');
  const hang = db.prepare(
    'insert into image_clone (vm_id, image_id) values (?, ?) on conflict do update set image_id = excluded.image_id',
  );
  const hanging = db
    .prepare(
      "select count(*) from image_clone join vm on vm.id = image_clone.vm_id where image_id = ? and vm.life <> 'purged'",
    )
    .pluck();
  return {
    list: (name) => list.all({ name: name ?? null }).map((row) => ImageRecord.parse(row)),
    find: (name, host) => {
      const row = find.get(name, host);
      return row === undefined ? null : ImageRecord.parse(row);
    },
    insert: (row) => {
      insert.run(row);
    },
    setState: (id, state, at) => {
      setState.run(state, at, id);
    },
    forget: (id) => {
      forget.run(id);
    },
    hang: (vmId, imageId) => {
      hang.run(vmId, imageId);
    },
    hanging: (id) => z.number().parse(hanging.get(id)),
  };
}
