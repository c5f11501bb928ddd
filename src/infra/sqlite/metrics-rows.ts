import type Database from 'better-sqlite3';
import { z } from 'zod';
import { DOMAIN_STATES } from '../../domain/inventory.ts';
import { OPERATION_STATES } from '../../domain/plan.ts';
import type { MetricsRows } from '../../operations/metrics-rows.ts';

const VmCount = z
  .object({
    team: z.string(),
    host: z.string(),
    life: z.enum(['creating', 'live', 'trashed', 'purged', 'faulted']),
    seen_state: z.enum([...DOMAIN_STATES, 'missing']).nullable(),
    seen_reason: z.string().nullable(),
    count: z.number(),
  })
  .transform(({ seen_state, seen_reason, ...row }) => ({
    ...row,
    seen: seen_state === null ? null : { state: seen_state, reason: seen_reason ?? '', at: 0 },
  }));
const OperationCount = z.object({ kind: z.string(), state: z.enum(OPERATION_STATES), count: z.number() });
const Outbox = z.object({ waiting: z.number(), undeliverable: z.number(), oldestAt: z.number().nullable() });

/** Counts for a monitoring. */
export function metricsRows(db: Database.Database): MetricsRows {
  const vms = db.prepare(
    `select team, host, life, seen_state, seen_reason, count(*) as count from vm where life <> 'purged'
     group by team, host, life, seen_state, seen_reason`,
  );
  const operations = db.prepare('select kind, state, count(*) as count from operation group by kind, state');
  const outbox = db.prepare(
    `select count(*) filter (where state = 'waiting') as waiting,
       count(*) filter (where state = 'undeliverable') as undeliverable,
       min(created_at) filter (where state = 'waiting') as oldestAt
     from outbox where state <> 'sent'`,
  );
  return {
    vms: () => vms.all().map((row) => VmCount.parse(row)),
    operations: () => operations.all().map((row) => OperationCount.parse(row)),
    outbox: () => Outbox.parse(outbox.get()),
  };
}
