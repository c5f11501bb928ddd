import type Database from 'better-sqlite3';
import { z } from 'zod';
import { DOMAIN_STATES } from '../../domain/inventory.ts';
import type { Vm } from '../../domain/vm.ts';
import type { Rows } from '../../operations/store.ts';
import { prepared } from './prepared.ts';

const DiskJson = z.array(
  z.object({
    target: z.string(),
    vg: z.string(),
    volume: z.string(),
    sizeBytes: z.number(),
    kind: z.enum(['thin', 'thick', 'existing']),
  }),
);

const VmRecord = z
  .object({
    id: z.string(),
    uuid: z.string(),
    team: z.string(),
    name: z.string(),
    domain_name: z.string(),
    host: z.string(),
    life: z.enum(['creating', 'live', 'trashed', 'purged', 'faulted']),
    vcpus: z.number(),
    memory_bytes: z.number(),
    flavor: z.string(),
    image: z.string().nullable(),
    login: z.string().nullable(),
    network: z.string(),
    mac: z.string(),
    address: z.string().nullable(),
    disks_json: z.string(),
    seed: z.string().nullable(),
    autostart: z.number(),
    xml: z.string().nullable(),
    created_by: z.string(),
    created_at: z.number(),
    trashed_at: z.number().nullable(),
    seen_state: z.enum([...DOMAIN_STATES, 'missing']).nullable(),
    seen_reason: z.string().nullable(),
    seen_at: z.number().nullable(),
  })
  .transform(
    (row): Vm => ({
      id: row.id,
      uuid: row.uuid,
      team: row.team,
      name: row.name,
      domainName: row.domain_name,
      host: row.host,
      life: row.life,
      vcpus: row.vcpus,
      memoryBytes: row.memory_bytes,
      flavor: row.flavor,
      image: row.image,
      login: row.login,
      network: row.network,
      mac: row.mac,
      address: row.address,
      disks: DiskJson.parse(JSON.parse(row.disks_json)),
      seed: row.seed,
      autostart: row.autostart === 1,
      xml: row.xml,
      createdBy: row.created_by,
      createdAt: row.created_at,
      trashedAt: row.trashed_at,
      seen:
        row.seen_state === null || row.seen_at === null
          ? null
          : { state: row.seen_state, reason: row.seen_reason ?? '', at: row.seen_at },
    }),
  );

const LIVE = "life in ('creating', 'live', 'faulted')";

/** A VM as its row's columns. */
function columns(vm: Partial<Vm>): Record<string, string | number | null> {
  const row: Record<string, string | number | null> = {};
  const put = (column: string, value: string | number | null | undefined) => {
    if (value !== undefined) row[column] = value;
  };
  put('id', vm.id);
  put('uuid', vm.uuid);
  put('team', vm.team);
  put('name', vm.name);
  put('domain_name', vm.domainName);
  put('host', vm.host);
  put('life', vm.life);
  put('vcpus', vm.vcpus);
  put('memory_bytes', vm.memoryBytes);
  put('flavor', vm.flavor);
  put('image', vm.image);
  put('login', vm.login);
  put('network', vm.network);
  put('mac', vm.mac);
  put('address', vm.address);
  if (vm.disks !== undefined) put('disks_json', JSON.stringify(vm.disks));
  put('seed', vm.seed);
  if (vm.autostart !== undefined) put('autostart', vm.autostart ? 1 : 0);
  put('xml', vm.xml);
  put('created_by', vm.createdBy);
  put('created_at', vm.createdAt);
  put('trashed_at', vm.trashedAt);
  if (vm.seen !== undefined) {
    put('seen_state', vm.seen?.state ?? null);
    put('seen_reason', vm.seen?.reason ?? null);
    put('seen_at', vm.seen?.at ?? null);
  }
  return row;
}

/** The VMs' table. */
export function vmRows(db: Database.Database): Rows['vms'] {
  const one = (sql: string) => {
    const statement = db.prepare(sql);
    return (...values: unknown[]): Vm | null => {
      const row = statement.get(...values);
      return row === undefined ? null : VmRecord.parse(row);
    };
  };
  const many = (sql: string) => {
    const statement = db.prepare(sql);
    return (...values: unknown[]): Vm[] => statement.all(...values).map((row) => VmRecord.parse(row));
  };
  const byTeam = many(`select * from vm where ${LIVE} and (@team is null or team = @team) order by team, name`);
  const trash = many(
    `select * from vm where life = 'trashed' and (@team is null or team = @team) and (@name is null or name = @name) order by trashed_at desc, id desc`,
  );
  const forget = db.prepare("delete from vm where id = ? and life in ('creating', 'faulted')");
  const seenAgain = db.prepare(
    "update vm set seen_at = @ended where host = @host and life = 'live' and seen_at <= @began",
  );
  return {
    byId: one('select * from vm where id = ?'),
    byName: one(`select * from vm where team = ? and name = ? and ${LIVE}`),
    byDomainName: one(`select * from vm where domain_name = ? and ${LIVE}`),
    byUuid: one('select * from vm where uuid = ?'),
    byMac: one("select * from vm where mac = ? and life <> 'purged'"),
    trashed: (team, name) => trash({ team, name }),
    list: (team) => byTeam({ team }),
    onHost: many("select * from vm where host = ? and life <> 'purged' order by team, name"),
    insert: (vm) => {
      const row = columns(vm);
      const names = Object.keys(row);
      prepared(db, `insert into vm (${names.join(', ')}) values (${names.map((name) => `@${name}`).join(', ')})`).run(
        row,
      );
    },
    update: (id, change) => {
      const row = columns(change);
      const names = Object.keys(row);
      if (names.length === 0) return;
      prepared(db, `update vm set ${names.map((name) => `${name} = @${name}`).join(', ')} where id = @key`).run({
        ...row,
        key: id,
      });
    },
    seenAgain: (host, { began, ended }) => {
      seenAgain.run({ host, began, ended });
    },
    forget: (id) => {
      forget.run(id);
    },
  };
}
