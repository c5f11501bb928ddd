import type Database from 'better-sqlite3';
import { z } from 'zod';
import type { DriftKnown, DriftRow } from '../../operations/drift-rows.ts';
import type { Rows } from '../../operations/store.ts';

/** Domains that are no VMs of ours. */
export function driftRows(db: Database.Database): Rows['drift'] {
  const onHost = db.prepare('select * from drift where host = ? order by domain_name');
  const save = db.prepare(
    `insert into drift (host, uuid, domain_name, reason, looked_at) values (@host, @uuid, @domainName, @reason, @lookedAt)
     on conflict do update set domain_name = excluded.domain_name, reason = excluded.reason, looked_at = excluded.looked_at`,
  );
  const forget = db.prepare('delete from drift where host = ? and uuid = ?');
  const DriftRecord = z
    .object({ host: z.string(), uuid: z.string(), domain_name: z.string(), reason: z.string(), looked_at: z.number() })
    .transform(
      ({ domain_name, looked_at, ...row }): DriftRow => ({ ...row, domainName: domain_name, lookedAt: looked_at }),
    );
  const known = db.prepare('select * from drift_known order by key');
  const told = db.prepare(
    'insert into drift_known (key, told_at) values (?, ?) on conflict do update set told_at = excluded.told_at',
  );
  const ignore = db.prepare(
    `insert into drift_known (key, ignored_by, ignored_at) values (?, ?, ?)
     on conflict do update set ignored_by = excluded.ignored_by, ignored_at = excluded.ignored_at`,
  );
  const autostart = db.prepare('select at, uuids_json from host_autostart where host = ?');
  const sawAutostart = db.prepare(
    `insert into host_autostart (host, at, uuids_json) values (?, ?, ?)
     on conflict do update set at = excluded.at, uuids_json = excluded.uuids_json`,
  );
  const AutostartRecord = z
    .object({ at: z.number(), uuids_json: z.string() })
    .transform(({ at, uuids_json }) => ({ at, uuids: z.array(z.string()).parse(JSON.parse(uuids_json)) }));
  const forgetKnown = db.prepare('delete from drift_known where key = ?');
  const KnownRecord = z
    .object({
      key: z.string(),
      told_at: z.number().nullable(),
      ignored_by: z.string().nullable(),
      ignored_at: z.number().nullable(),
    })
    .transform(
      ({ key, told_at, ignored_by, ignored_at }): DriftKnown => ({
        key,
        toldAt: told_at,
        ignoredBy: ignored_by,
        ignoredAt: ignored_at,
      }),
    );
  return {
    onHost: (host) => onHost.all(host).map((row) => DriftRecord.parse(row)),
    save: (row) => {
      save.run(row);
    },
    forget: (host, uuid) => {
      forget.run(host, uuid);
    },
    known: () => known.all().map((row) => KnownRecord.parse(row)),
    told: (key, at) => {
      told.run(key, at);
    },
    ignore: (key, by, at) => {
      ignore.run(key, by, by === null ? null : at);
    },
    autostarting: (host) => {
      const row = autostart.get(host);
      return row === undefined ? null : AutostartRecord.parse(row);
    },
    sawAutostarting: (host, uuids, at) => {
      sawAutostart.run(host, at, JSON.stringify(uuids));
    },
    forgetKnown: (key) => {
      forgetKnown.run(key);
    },
  };
}
