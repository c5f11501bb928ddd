import type Database from 'better-sqlite3';
import { z } from 'zod';
import { UPTIME_STATUSES } from '../../domain/slo/uptime.ts';
import type { SloRows, SloVm } from '../../operations/slo/slo-rows.ts';

const MINUTE = 60_000;
/** Sweeps come each minute. One that is missing now and then leaves no hole. */
const GAP_MS = 2.5 * MINUTE;

const Status = z.enum(UPTIME_STATUSES);
const Span = z.object({ from_at: z.number(), until_at: z.number(), status: Status });
const Total = z.object({ vm: z.string(), status: Status, ms: z.number() });
const Burned = z.object({ team: z.string(), vms: z.number(), downMs: z.number() });
const VmRecord = z
  .object({
    id: z.string(),
    team: z.string(),
    name: z.string(),
    life: z.enum(['creating', 'live', 'trashed', 'purged', 'faulted']),
    created_at: z.number(),
    trashed_at: z.number().nullable(),
    wanted: z.enum(['running', 'off', 'suspended']).nullable(),
  })
  .transform(({ created_at, trashed_at, ...row }): SloVm => ({ ...row, createdAt: created_at, trashedAt: trashed_at }));

/** Spans of uptime. A VM that stays as it is has one row, however long. */
export function sloRows(db: Database.Database): SloRows['slo'] {
  const last = db.prepare('select * from vm_uptime where vm_id = ? order by from_at desc limit 1');
  /** As most looks find it: the last span goes on, in one statement. */
  const goesOn = db.prepare(
    `update vm_uptime set until_at = @at
     where vm_id = @id and status = @status and until_at <= @at and until_at >= @at - ${GAP_MS}
     and from_at = (select max(from_at) from vm_uptime where vm_id = @id)`,
  );
  const insert = db.prepare('insert into vm_uptime (vm_id, from_at, until_at, status) values (?, ?, ?, ?)');
  const dropAhead = db.prepare('delete from vm_uptime where vm_id = ? and from_at >= ?');
  const cutAhead = db.prepare('update vm_uptime set until_at = ? where vm_id = ? and until_at > ?');
  const vms = db.prepare(
    `select v.id, v.team, v.name, v.life, v.created_at, v.trashed_at, w.wanted
     from vm v left join vm_watch w on w.vm_id = v.id
     where v.created_at < @to and (v.trashed_at is null or v.trashed_at > @from) and (@team is null or v.team = @team)
     order by v.team, v.name, v.created_at`,
  );
  // What is in the trash is no VM any more.
  const inside = 'min(u.until_at, @to, coalesce(v.trashed_at, @to)) - max(u.from_at, @from)';
  const totals = db.prepare(
    `select u.vm_id as vm, u.status, sum(max(0, ${inside})) as ms
     from vm_uptime u join vm v on v.id = u.vm_id
     where u.until_at > @from and u.from_at < @to and (@team is null or v.team = @team)
     group by u.vm_id, u.status`,
  );
  const burned = db.prepare(
    `select v.team, count(distinct u.vm_id) as vms, sum(case u.status when 'down' then max(0, ${inside}) else 0 end) as downMs
     from vm_uptime u join vm v on v.id = u.vm_id
     where u.until_at > @from and u.from_at < @to and u.status in ('up', 'down') group by v.team`,
  );
  const prune = db.prepare('delete from vm_uptime where until_at < ?');

  return {
    record: ({ id, createdAt }, status, at) => {
      if (goesOn.run({ id, status, at }).changes > 0) return;
      const row = last.get(id);
      const before = row === undefined ? null : Span.parse(row);
      if (before !== null && before.until_at > at) {
        // A second look in a minute says nothing new; a clock that ran ahead wrote of what had not been.
        if (before.until_at - at < GAP_MS) return;
        dropAhead.run(id, at);
        cutAhead.run(at, id, at);
        return;
      }
      const joins = before !== null && at - before.until_at <= GAP_MS;
      // A look stands for the minute before it.
      const from = joins ? before.until_at : Math.max(at - MINUTE, createdAt, before?.until_at ?? 0);
      if (from < at) insert.run(id, from, at, status);
    },
    vms: (team, from, to) => vms.all({ team, from, to }).map((row) => VmRecord.parse(row)),
    totals: (team, from, to) => totals.all({ team, from, to }).map((row) => Total.parse(row)),
    burned: (from, to) => burned.all({ from, to }).map((row) => Burned.parse(row)),
    prune: (before) => {
      prune.run(before);
    },
  };
}
