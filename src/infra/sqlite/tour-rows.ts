import type Database from 'better-sqlite3';
import { z } from 'zod';
import { TOUR_STEPS, type TourRow, type TourRows } from '../../domain/tour.ts';

const Step = z.enum(TOUR_STEPS);
const TourRecord = z
  .object({
    person: z.string(),
    slack: z.string().nullable(),
    team: z.string().nullable(),
    state: z.enum(['on', 'over']),
    step: Step,
    skipped_json: z.string(),
    started_at: z.number(),
    step_at: z.number(),
    operation_id: z.string().nullable(),
    vm_id: z.string().nullable(),
  })
  .transform(
    ({ skipped_json, started_at, step_at, operation_id, vm_id, ...row }): TourRow => ({
      ...row,
      skipped: z.array(Step).parse(JSON.parse(skipped_json)),
      startedAt: started_at,
      stepAt: step_at,
      operationId: operation_id,
      vmId: vm_id,
    }),
  );

/** The guided tours: a row for each person who has begun one. */
export function tourRows(db: Database.Database): TourRows {
  const find = db.prepare('select * from tour where person = ?');
  const on = db.prepare("select * from tour where state = 'on' order by person");
  const save = db.prepare(
    `insert into tour (person, slack, team, state, step, skipped_json, started_at, step_at, operation_id, vm_id)
     values (@person, @slack, @team, @state, @step, @skipped, @startedAt, @stepAt, @operationId, @vmId)
     on conflict (person) do update set slack = excluded.slack, team = excluded.team, state = excluded.state,
       step = excluded.step, skipped_json = excluded.skipped_json, started_at = excluded.started_at,
       step_at = excluded.step_at, operation_id = excluded.operation_id, vm_id = excluded.vm_id`,
  );
  return {
    find: (person) => {
      const row = find.get(person);
      return row === undefined ? null : TourRecord.parse(row);
    },
    on: () => on.all().map((row) => TourRecord.parse(row)),
    save: (row) => {
      save.run({ ...row, skipped: JSON.stringify(row.skipped) });
    },
  };
}
