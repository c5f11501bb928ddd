import type Database from 'better-sqlite3';
import type { Vm } from '../../domain/vm.ts';
import type { Rows } from '../../operations/store.ts';
import { prepared } from './prepared.ts';

/** In this order a row's cells are read: as a list, for thousands are read each minute. */
const COLUMNS = [
  'id',
  'uuid',
  'team',
  'name',
  'domain_name',
  'host',
  'life',
  'vcpus',
  'memory_bytes',
  'flavor',
  'image',
  'login',
  'network',
  'mac',
  'address',
  'disks_json',
  'seed',
  'autostart',
  'xml',
  'created_by',
  'created_at',
  'trashed_at',
  'seen_state',
  'seen_reason',
  'seen_at',
] as const;

/** The table is strict, and nobody else writes it: its rows are taken as they were written. */
type VmCells = readonly [
  id: string,
  uuid: string,
  team: string,
  name: string,
  domainName: string,
  host: string,
  life: Vm['life'],
  vcpus: number,
  memoryBytes: number,
  flavor: string,
  image: string | null,
  login: string | null,
  network: string,
  mac: string,
  address: string | null,
  disks: string,
  seed: string | null,
  autostart: number,
  xml: string | null,
  createdBy: string,
  createdAt: number,
  trashedAt: number | null,
  state: NonNullable<Vm['seen']>['state'] | null,
  reason: string | null,
  at: number | null,
];

function vmOf(cells: VmCells): Vm {
  const [
    id,
    uuid,
    team,
    name,
    domainName,
    host,
    life,
    vcpus,
    memoryBytes,
    flavor,
    image,
    login,
    network,
    mac,
    address,
    disks,
    seed,
    autostart,
    xml,
    createdBy,
    createdAt,
    trashedAt,
    state,
    reason,
    at,
  ] = cells;
  return {
    id,
    uuid,
    team,
    name,
    domainName,
    host,
    life,
    vcpus,
    memoryBytes,
    flavor,
    image,
    login,
    network,
    mac,
    address,
    seed,
    xml,
    createdBy,
    createdAt,
    trashedAt,
    disks: JSON.parse(disks),
    autostart: autostart === 1,
    seen: state === null || at === null ? null : { state, reason: reason ?? '', at },
  };
}

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
    const statement = db.prepare<unknown[], VmCells>(`select ${COLUMNS.join(', ')} from vm ${sql}`).raw();
    return (...values: unknown[]): Vm | null => {
      const row = statement.get(...values);
      return row === undefined ? null : vmOf(row);
    };
  };
  const many = (sql: string) => {
    const statement = db.prepare<unknown[], VmCells>(`select ${COLUMNS.join(', ')} from vm ${sql}`).raw();
    return (...values: unknown[]): Vm[] => statement.all(...values).map(vmOf);
  };
  const byTeam = many(`where ${LIVE} and (@team is null or team = @team) order by team, name`);
  const trash = many(
    `where life = 'trashed' and (@team is null or team = @team) and (@name is null or name = @name) order by trashed_at desc, id desc`,
  );
  const forget = db.prepare("delete from vm where id = ? and life in ('creating', 'faulted')");
  const seenAgain = db.prepare(
    "update vm set seen_at = @ended where host = @host and life = 'live' and seen_at <= @began",
  );
  return {
    byId: one('where id = ?'),
    byName: one(`where team = ? and name = ? and ${LIVE}`),
    byDomainName: one(`where domain_name = ? and ${LIVE}`),
    byUuid: one('where uuid = ?'),
    byMac: one("where mac = ? and life <> 'purged'"),
    trashed: (team, name) => trash({ team, name }),
    list: (team) => byTeam({ team }),
    onHost: many("where host = ? and life <> 'purged' order by team, name"),
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
