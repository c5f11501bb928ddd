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

const Numbers = z.array(z.number());
const Instants = z
  .string()
  .transform((text): readonly number[] => (text === '[]' ? [] : Numbers.parse(JSON.parse(text))));
const WatchRecord = z
  .object({
    vm_id: z.string(),
    wanted: z.enum(['running', 'off', 'suspended']).nullable(),
    wanted_at: z.number().nullable(),
    asked_at: z.number().nullable(),
    agent_seen_at: z.number().nullable(),
    agent_silent_since: z.number().nullable(),
    address_seen_at: z.number().nullable(),
    address_lost_since: z.number().nullable(),
    starts_json: Instants,
    restart_limit: z.number().nullable(),
    restarts_json: Instants,
    restart_policy: z.enum(['on-failure', 'always']).nullable(),
    gave_up_at: z.number().nullable(),
    started_for_boot: z.number().nullable(),
  })
  .transform((row): [string, VmWatch] => [
    row.vm_id,
    {
      wanted: row.wanted,
      wantedAt: row.wanted_at,
      askedAt: row.asked_at,
      agentSeenAt: row.agent_seen_at,
      agentSilentSince: row.agent_silent_since,
      addressSeenAt: row.address_seen_at,
      addressLostSince: row.address_lost_since,
      starts: row.starts_json,
      restartLimit: row.restart_limit,
      restarts: row.restarts_json,
      restartPolicy: row.restart_policy,
      gaveUpAt: row.gave_up_at,
      startedForBoot: row.started_for_boot,
    },
  ]);

/** What is known of each VM's health. */
export function watchRows(db: Database.Database): WatchRows['watch'] {
  const find = db.prepare('select * from vm_watch where vm_id = ?');
  const watched = "select w.* from vm v join vm_watch w on w.vm_id = v.id where v.life <> 'purged'";
  const [onHost, onAny] = [db.prepare(`${watched} and v.host = ?`), db.prepare(watched)];
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
    .prepare(
      `select v.uuid from vm v left join vm_watch w on w.vm_id = v.id
       where v.host = ? and v.life = 'live' and v.seen_state in (${RUNNING.map(() => '?').join(', ')})
       order by coalesce(w.asked_at, 0), v.team, v.name limit ?`,
    )
    .pluck();
  const uuidsOn = db.prepare("select uuid from vm where host = ? and life <> 'purged'").pluck();
  const of = (id: string): VmWatch => {
    const row = find.get(id);
    return row === undefined ? UNWATCHED : WatchRecord.parse(row)[1];
  };
  return {
    of,
    on: (host) => new Map((host === null ? onAny.all() : onHost.all(host)).map((row) => WatchRecord.parse(row))),
    update: (id, change) => {
      const row = { ...of(id), ...change };
      save.run({ ...row, id, starts: JSON.stringify(row.starts), restarts: JSON.stringify(row.restarts) });
    },
    restarting: () => z.array(z.string()).parse(restarting.all()),
    forget: (id) => {
      for (const each of forget) each.run(id);
    },
    toAsk: (host, most) => toAsk.all(host, ...RUNNING, most).map(String),
    uuidsOn: (host) => uuidsOn.all(host).map(String),
  };
}
