import type Database from 'better-sqlite3';
import { z } from 'zod';
import { RUNNING } from '../../domain/health.ts';
import { UNWATCHED, type VmWatch } from '../../domain/vm-watch.ts';
import type { WatchRows } from '../../operations/watch/watch-rows.ts';

/** The counters of each host's last sweep. They are ours, so they are read as they were written. */
export function counterRows(db: Database.Database): WatchRows['counters'] {
  const find = db.prepare('select at, counters_json from host_counters where host = ?');
  const save = db.prepare(
    `insert into host_counters (host, at, counters_json) values (?, ?, ?)
     on conflict do update set at = excluded.at, counters_json = excluded.counters_json`,
  );
  const Record = z.object({ at: z.number(), counters_json: z.string() });
  return {
    of: (host) => {
      const row = find.get(host);
      if (row === undefined) return null;
      const { at, counters_json } = Record.parse(row);
      return { at, counters: JSON.parse(counters_json) };
    },
    save: (host, at, counters) => {
      save.run(host, at, JSON.stringify(counters));
    },
  };
}

/** In this order a row's cells are read: as a list, for thousands are read each minute. */
const COLUMNS = [
  'vm_id',
  'wanted',
  'wanted_at',
  'asked_at',
  'agent_seen_at',
  'agent_silent_since',
  'address_seen_at',
  'address_lost_since',
  'starts_json',
  'restart_limit',
  'restarts_json',
  'restart_policy',
  'gave_up_at',
  'started_for_boot',
] as const;

/** The table is strict, and nobody else writes it: its rows are taken as they were written. */
type WatchCells = readonly [
  id: string,
  wanted: VmWatch['wanted'],
  wantedAt: number | null,
  askedAt: number | null,
  agentSeenAt: number | null,
  agentSilentSince: number | null,
  addressSeenAt: number | null,
  addressLostSince: number | null,
  starts: string,
  restartLimit: number | null,
  restarts: string,
  restartPolicy: VmWatch['restartPolicy'],
  gaveUpAt: number | null,
  startedForBoot: number | null,
];

function watchOf(cells: WatchCells): VmWatch {
  const [
    ,
    wanted,
    wantedAt,
    askedAt,
    agentSeenAt,
    agentSilentSince,
    addressSeenAt,
    addressLostSince,
    starts,
    restartLimit,
    restarts,
    restartPolicy,
    gaveUpAt,
    startedForBoot,
  ] = cells;
  return {
    wanted,
    wantedAt,
    askedAt,
    agentSeenAt,
    agentSilentSince,
    addressSeenAt,
    addressLostSince,
    starts: instants(starts),
    restartLimit,
    restarts: instants(restarts),
    restartPolicy,
    gaveUpAt,
    startedForBoot,
  };
}

const NONE: readonly number[] = [];

function instants(text: string): readonly number[] {
  return text === '[]' ? NONE : JSON.parse(text);
}

/** What is known of each VM's health. */
export function watchRows(db: Database.Database): WatchRows['watch'] {
  const columns = COLUMNS.map((name) => `w.${name}`).join(', ');
  const find = db.prepare<unknown[], WatchCells>(`select ${columns} from vm_watch w where vm_id = ?`).raw();
  const watched = `select ${columns} from vm v join vm_watch w on w.vm_id = v.id where v.life <> 'purged'`;
  const onHost = db.prepare<unknown[], WatchCells>(`${watched} and v.host = ?`).raw();
  const onAny = db.prepare<unknown[], WatchCells>(watched).raw();
  const save = db.prepare(
    `insert or replace into vm_watch (vm_id, wanted, wanted_at, asked_at, agent_seen_at, agent_silent_since,
       address_seen_at, address_lost_since, starts_json, restart_limit, restarts_json,
       restart_policy, gave_up_at, started_for_boot)
     values (@id, @wanted, @wantedAt, @askedAt, @agentSeenAt, @agentSilentSince,
       @addressSeenAt, @addressLostSince, @starts, @restartLimit, @restarts,
       @restartPolicy, @gaveUpAt, @startedForBoot)`,
  );
  const restarting = db.prepare('select vm_id from vm_watch where restart_policy is not null order by vm_id').pluck();
  const forget = ['vm_watch', 'guest_filesystems'].map((table) => db.prepare(`delete from ${table} where vm_id = ?`));
  const toAsk = db
    .prepare<unknown[], [string, string]>(
      `select host, uuid from (
         select v.host, v.uuid, row_number() over (
           partition by v.host order by coalesce(w.asked_at, 0), v.team, v.name
         ) as place
         from vm v left join vm_watch w on w.vm_id = v.id
         where v.life = 'live' and v.seen_state in (${RUNNING.map(() => '?').join(', ')})
       ) where place <= ? order by host, place`,
    )
    .raw();
  const uuidsOn = db.prepare("select uuid from vm where host = ? and life <> 'purged'").pluck();
  const of = (id: string): VmWatch => {
    const row = find.get(id);
    return row === undefined ? UNWATCHED : watchOf(row);
  };
  return {
    of,
    on: (host) => new Map((host === null ? onAny.all() : onHost.all(host)).map((row) => [row[0], watchOf(row)])),
    update: (id, change) => {
      const row = { ...of(id), ...change };
      save.run({ ...row, id, starts: JSON.stringify(row.starts), restarts: JSON.stringify(row.restarts) });
    },
    restarting: () => z.array(z.string()).parse(restarting.all()),
    forget: (id) => {
      for (const each of forget) each.run(id);
    },
    toAsk: (most) => {
      const asked = new Map<string, string[]>();
      for (const [host, uuid] of toAsk.all(...RUNNING, most)) {
        const its = asked.get(host);
        if (its === undefined) asked.set(host, [uuid]);
        else its.push(uuid);
      }
      return asked;
    },
    uuidsOn: (host) => uuidsOn.all(host).map(String),
  };
}
