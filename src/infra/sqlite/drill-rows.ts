import type Database from 'better-sqlite3';
import { z } from 'zod';
import { DRILL_VERDICTS, type Drill, DrillCheck, DrillMoment } from '../../domain/drill.ts';
import type { Postponed } from '../../domain/drill-due.ts';
import type { DrillRows, WantedDrill } from '../../operations/drill-rows.ts';

const Checks = z.array(DrillCheck);
const Timeline = z.array(DrillMoment);
const DrillRecord = z
  .object({
    id: z.string(),
    operation_id: z.string(),
    vm_id: z.string(),
    team: z.string(),
    vm_name: z.string(),
    backup: z.string(),
    from_host: z.string(),
    host: z.string(),
    verdict: z.enum(DRILL_VERDICTS),
    reason: z.string().nullable(),
    rpo_ms: z.number().nullable(),
    rto_ms: z.number().nullable(),
    rpo_objective_ms: z.number(),
    rto_objective_ms: z.number(),
    checks_json: z.string(),
    timeline_json: z.string(),
    asked_by: z.string(),
    started_at: z.number(),
    ended_at: z.number().nullable(),
  })
  .transform(
    (row): Drill => ({
      id: row.id,
      operationId: row.operation_id,
      vmId: row.vm_id,
      team: row.team,
      vmName: row.vm_name,
      backup: row.backup,
      fromHost: row.from_host,
      host: row.host,
      verdict: row.verdict,
      reason: row.reason,
      rpoMs: row.rpo_ms,
      rtoMs: row.rto_ms,
      objectives: { rpoMs: row.rpo_objective_ms, rtoMs: row.rto_objective_ms },
      checks: Checks.parse(JSON.parse(row.checks_json)),
      timeline: Timeline.parse(JSON.parse(row.timeline_json)),
      askedBy: row.asked_by,
      startedAt: row.started_at,
      endedAt: row.ended_at,
    }),
  );

const PostponedRecord = z
  .object({ team: z.string(), until_at: z.number(), reason: z.string(), person: z.string(), at: z.number() })
  .transform(({ until_at, ...row }): Postponed => ({ ...row, until: until_at }));

const WantedRecord = z
  .object({ operation_id: z.string(), vm_id: z.string(), person: z.string() })
  .transform(({ operation_id, vm_id, person }): WantedDrill => ({ operationId: operation_id, vmId: vm_id, person }));

/** Drills, newest first. */
export function drillRows(db: Database.Database): DrillRows {
  const list = db.prepare('select * from drill where @team is null or team = @team order by started_at desc, id desc');
  const byId = db.prepare('select * from drill where id = ?');
  const lastOf = db.prepare(
    "select * from drill where vm_id = ? and verdict <> 'running' order by started_at desc, id desc limit 1",
  );
  const insert = db.prepare(
    `insert into drill (id, operation_id, vm_id, team, vm_name, backup, from_host, host, verdict, reason, rpo_ms, rto_ms,
     rpo_objective_ms, rto_objective_ms, checks_json, timeline_json, asked_by, started_at, ended_at)
     values (@id, @operationId, @vmId, @team, @vmName, @backup, @fromHost, @host, @verdict, @reason, @rpoMs, @rtoMs,
     @rpoObjective, @rtoObjective, @checks, @timeline, @askedBy, @startedAt, @endedAt)`,
  );
  const wanted = db.prepare('select * from drill_wanted order by operation_id, vm_id');
  const want = db.prepare(
    'insert or ignore into drill_wanted (operation_id, vm_id, person) values (@operationId, @vmId, @person)',
  );
  const unwant = db.prepare('delete from drill_wanted where operation_id = @operationId and vm_id = @vmId');
  const postponed = db.prepare('select * from drill_postponed where team = ? order by at desc limit 1');
  const postpone = db.prepare(
    `insert into drill_postponed (team, until_at, reason, person, at) values (@team, @until, @reason, @person, @at)
     on conflict do update set until_at = @until, reason = @reason, person = @person`,
  );
  const end = db.prepare(
    `update drill set verdict = @verdict, reason = @reason, rpo_ms = @rpoMs, rto_ms = @rtoMs, checks_json = @checks,
     timeline_json = @timeline, ended_at = @endedAt where id = @id`,
  );
  const one = (row: unknown) => (row === undefined ? null : DrillRecord.parse(row));
  return {
    list: (team) => list.all({ team }).map((row) => DrillRecord.parse(row)),
    byId: (id) => one(byId.get(id)),
    lastOf: (vmId) => one(lastOf.get(vmId)),
    wanted: () => wanted.all().map((row) => WantedRecord.parse(row)),
    want: (row) => {
      want.run(row);
    },
    unwant: ({ operationId, vmId }) => {
      unwant.run({ operationId, vmId });
    },
    postponed: (team) => {
      const row = postponed.get(team);
      return row === undefined ? null : PostponedRecord.parse(row);
    },
    postpone: (row) => {
      postpone.run(row);
    },
    insert: ({ objectives, checks, timeline, ...row }) => {
      insert.run({
        ...row,
        rpoObjective: objectives.rpoMs,
        rtoObjective: objectives.rtoMs,
        checks: JSON.stringify(checks),
        timeline: JSON.stringify(timeline),
      });
    },
    end: (id, { checks, timeline, ...outcome }) => {
      end.run({ ...outcome, id, checks: JSON.stringify(checks), timeline: JSON.stringify(timeline) });
    },
  };
}
