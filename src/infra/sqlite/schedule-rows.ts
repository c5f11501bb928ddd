import type Database from 'better-sqlite3';
import { z } from 'zod';
import type { JobRow, RunRow, ScheduleRows } from '../../operations/schedule-rows.ts';

const JobRecord = z
  .object({
    job: z.string(),
    place: z.string(),
    summary: z.string(),
    zone: z.string(),
    rule: z.string(),
    next_period: z.string(),
    next_due_at: z.number(),
  })
  .transform(
    ({ next_period, next_due_at, ...row }): JobRow => ({ ...row, nextPeriod: next_period, nextDueAt: next_due_at }),
  );

const RunRecord = z
  .object({
    job: z.string(),
    place: z.string(),
    period: z.string(),
    due_at: z.number(),
    state: z.enum(['asked', 'running', 'done', 'failed', 'skipped']),
    attempts: z.number(),
    asked_by: z.string().nullable(),
    started_at: z.number().nullable(),
    ended_at: z.number().nullable(),
    result: z.string(),
    retry_at: z.number().nullable(),
  })
  .transform(
    ({ job, place, period, state, attempts, result, ...row }): RunRow => ({
      job,
      place,
      period,
      dueAt: row.due_at,
      state,
      attempts,
      askedBy: row.asked_by,
      startedAt: row.started_at,
      endedAt: row.ended_at,
      result,
      retryAt: row.retry_at,
    }),
  );

/** The schedule's tables. */
export function scheduleRows(db: Database.Database, asked: () => void = () => undefined): ScheduleRows {
  const jobs = db.prepare('select * from schedule_job order by job, place');
  const due = db.prepare('select * from schedule_job where next_due_at <= ? order by next_due_at, job, place');
  const declare = db.prepare(
    `insert into schedule_job (job, place, summary, zone, rule, next_period, next_due_at)
     values (@job, @place, @summary, @zone, @rule, @period, @dueAt)
     on conflict (job, place) do update set summary = excluded.summary, zone = excluded.zone, rule = excluded.rule,
       next_period = iif(zone = excluded.zone and rule = excluded.rule and next_due_at <= excluded.next_due_at, next_period, excluded.next_period),
       next_due_at = iif(zone = excluded.zone and rule = excluded.rule and next_due_at <= excluded.next_due_at, next_due_at, excluded.next_due_at)`,
  );
  const drop = db.prepare('delete from schedule_job where job = ? and place = ?');
  const setNext = db.prepare('update schedule_job set next_period = ?, next_due_at = ? where job = ? and place = ?');
  const enter = db.prepare(
    `insert into schedule_run (job, place, period, due_at, state, attempts, asked_by, started_at, ended_at, result, retry_at)
     values (@job, @place, @period, @dueAt, @state, @attempts, @askedBy, @startedAt, @endedAt, @result, @retryAt)
     on conflict (job, place, period) do nothing`,
  );
  const find = db.prepare('select * from schedule_run where job = ? and place = ? and period = ?');
  const update = db.prepare(
    `update schedule_run set state = @state, attempts = @attempts, started_at = @startedAt, ended_at = @endedAt,
       result = @result, retry_at = @retryAt
     where job = @job and place = @place and period = @period`,
  );
  const open = db.prepare("select * from schedule_run where state in ('asked', 'running') order by due_at, job, place");
  const retries = db.prepare('select * from schedule_run where retry_at <= ? order by retry_at');
  const last = db.prepare(
    'select * from schedule_run where job = ? and place = ? order by due_at desc, period desc limit ?',
  );
  const prune = db.prepare('delete from schedule_run where job = ? and place = ? and due_at < ?');
  const jobsNow = (): JobRow[] => jobs.all().map((row) => JobRecord.parse(row));
  const runsOf = (found: readonly unknown[]): RunRow[] => found.map((row) => RunRecord.parse(row));
  return {
    declare: (declared) => {
      for (const row of jobsNow()) {
        if (!declared.some(({ job, place }) => job === row.job && place === row.place)) drop.run(row.job, row.place);
      }
      for (const { next, ...job } of declared) declare.run({ ...job, ...next });
    },
    jobs: jobsNow,
    due: (now) => due.all(now).map((row) => JobRecord.parse(row)),
    setNext: ({ job, place }, { period, dueAt }) => {
      setNext.run(period, dueAt, job, place);
    },
    enter: (run) => {
      if (run.state === 'asked') asked();
      return enter.run(run).changes === 1;
    },
    update: (key, change) => {
      const row = find.get(key.job, key.place, key.period);
      if (row !== undefined) update.run({ ...RunRecord.parse(row), ...change });
    },
    open: () => runsOf(open.all()),
    retries: (now) => runsOf(retries.all(now)),
    last: ({ job, place }, limit) => runsOf(last.all(job, place, limit)),
    prune: ({ job, place }, before) => {
      prune.run(job, place, before);
    },
  };
}
