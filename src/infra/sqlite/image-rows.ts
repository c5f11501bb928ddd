import type Database from 'better-sqlite3';
import { z } from 'zod';
import { IMAGE_STATES } from '../../domain/image.ts';
import type { ImageRow, ImageRows, ImageWanted } from '../../operations/image-rows.ts';

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
    cleaned: z.number(),
    added_at: z.number(),
    changed_at: z.number(),
  })
  .transform(
    ({ size_bytes, built_of, cleaned, added_at, changed_at, ...row }): ImageRow => ({
      ...row,
      cleaned: cleaned === 1,
      sizeBytes: size_bytes,
      builtOf: built_of,
      addedAt: added_at,
      changedAt: changed_at,
    }),
  );

const WantedRecord = z
  .object({ operation_id: z.string(), name: z.string(), host: z.string() })
  .transform(({ operation_id, ...row }): ImageWanted => ({ ...row, operationId: operation_id }));

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
    `insert into image (id, name, version, host, state, vg, volume, size_bytes, file, digest, osinfo, login, built_of, cleaned, added_at, changed_at)
     values (@id, @name, @version, @host, @state, @vg, @volume, @sizeBytes, @file, @digest, @osinfo, @login, @builtOf, @cleaned, @addedAt, @changedAt)`,
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
  const wanted = db.prepare('select * from image_wanted order by operation_id, host');
  const want = db.prepare(
    'insert or ignore into image_wanted (operation_id, name, host) values (@operationId, @name, @host)',
  );
  const unwant = db.prepare('delete from image_wanted where operation_id = @operationId and host = @host');
  return {
    list: (name) => list.all({ name: name ?? null }).map((row) => ImageRecord.parse(row)),
    find: (name, host) => {
      const row = find.get(name, host);
      return row === undefined ? null : ImageRecord.parse(row);
    },
    insert: (row) => {
      insert.run({ ...row, cleaned: row.cleaned ? 1 : 0 });
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
    wanted: () => wanted.all().map((row) => WantedRecord.parse(row)),
    want: (row) => {
      want.run(row);
    },
    unwant: ({ operationId, host }) => {
      unwant.run({ operationId, host });
    },
  };
}
