import type Database from 'better-sqlite3';
import { z } from 'zod';
import type { KeepSchedule, KeepScheduleRows } from '../../operations/snapshot-rows.ts';

const ScheduleRecord = z
  .object({
    vm_id: z.string(),
    hourly: z.number(),
    daily: z.number(),
    weekly: z.number(),
    set_by: z.string(),
    set_at: z.number(),
  })
  .transform(
    ({ vm_id, set_by, set_at, ...retention }): KeepSchedule => ({
      vmId: vm_id,
      retention,
      setBy: set_by,
      setAt: set_at,
    }),
  );

/** How many of what the schedule takes of each VM are kept. */
export function retentionRows(db: Database.Database, table: 'snapshot_schedule' | 'backup_schedule'): KeepScheduleRows {
  const schedules = db.prepare(`select * from ${table} order by vm_id`);
  const setSchedule = db.prepare(
    `insert into ${table} (vm_id, hourly, daily, weekly, set_by, set_at)
     values (@vmId, @hourly, @daily, @weekly, @setBy, @setAt)
     on conflict do update set hourly = excluded.hourly, daily = excluded.daily, weekly = excluded.weekly,
     set_by = excluded.set_by, set_at = excluded.set_at`,
  );
  const endSchedule = db.prepare(`delete from ${table} where vm_id = ?`);
  return {
    schedules: () => schedules.all().map((row) => ScheduleRecord.parse(row)),
    setSchedule: ({ retention, ...row }) => {
      setSchedule.run({ ...row, ...retention });
    },
    endSchedule: (vmId) => {
      endSchedule.run(vmId);
    },
  };
}
