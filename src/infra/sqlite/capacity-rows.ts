import type Database from 'better-sqlite3';
import { z } from 'zod';
import { type Measure, RESOURCES, type Resource } from '../../domain/capacity.ts';
import type { CapacityDay, CapacityRows } from '../../operations/capacity/capacity-rows.ts';

const PARTS = ['size', 'limit', 'allocated', 'held', 'used'] as const;
const Row = z
  .object({ scope: z.string(), day: z.number() })
  .catchall(z.number().nullable())
  .transform((row): CapacityDay => {
    const columns = new Map(Object.entries(row));
    const number = (name: string): number | null => z.number().nullable().parse(columns.get(name));
    const measure = (resource: Resource): Measure => ({
      size: number(`${resource}_size`),
      limit: number(`${resource}_limit`) ?? 0,
      allocated: number(`${resource}_allocated`) ?? 0,
      held: number(`${resource}_held`) ?? 0,
      used: number(`${resource}_used`),
    });
    const measures = { vcpus: measure('vcpus'), memory: measure('memory'), disk: measure('disk') };
    return { scope: row.scope, day: row.day, measures };
  });

/** Capacity's history. */
export function capacityRows(db: Database.Database): CapacityRows {
  const columns = RESOURCES.flatMap((resource) => PARTS.map((part) => [resource, part] as const));
  const names = columns.map(([resource, part]) => `${resource}_${part}`);
  const save = db.prepare(
    `insert or replace into capacity_day (scope, day, ${names.join(', ')}) values (?, ?, ${names.map(() => '?').join(', ')})`,
  );
  const series = db.prepare('select * from capacity_day where scope = ? and day >= ? and day <= ? order by day');
  const prune = db.prepare('delete from capacity_day where day < ?');
  return {
    save: (days) => {
      for (const { scope, day, measures } of days)
        save.run(scope, day, ...columns.map(([resource, part]) => measures[resource][part]));
    },
    series: (scope, from, to) => series.all(scope, from, to).map((row) => Row.parse(row)),
    prune: (before) => {
      prune.run(before);
    },
  };
}
