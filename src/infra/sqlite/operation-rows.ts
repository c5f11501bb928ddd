import type Database from 'better-sqlite3';
import { z } from 'zod';
import { RISKS, ROLES } from '../../domain/access.ts';
import { type Amounts, OPERATION_STATES, type Plan } from '../../domain/plan.ts';
import type { OperationBrief, OperationRow, Rows } from '../../operations/store.ts';
import { ErrorJson, json } from './json-columns.ts';
import { prepared } from './prepared.ts';

const OperationColumns = {
  id: z.string(),
  kind: z.string(),
  state: z.enum(OPERATION_STATES),
  input_json: json<unknown>(),
  facts_json: json<unknown>(),
  minted_json: json<Record<string, string>>(),
  plan_json: json<Plan>(),
  digest: z.string(),
  risk: z.enum(RISKS),
  person: z.string(),
  slack: z.string().nullable(),
  role: z.enum(ROLES),
  origin_json: json<OperationRow['origin']>(),
  reason: z.string(),
  team: z.string().nullable(),
  subject: z.string(),
  host: z.string(),
  vm_id: z.string().nullable(),
  locks_json: json<string[]>(),
  add_vms: z.number(),
  add_vcpus: z.number(),
  add_memory_bytes: z.number(),
  add_disk_bytes: z.number(),
  waits: z.number(),
  cancel_asked: z.number(),
  error_json: ErrorJson,
  created_at: z.number(),
  updated_at: z.number(),
  expires_at: z.number().nullable(),
  started_at: z.number().nullable(),
  ended_at: z.number().nullable(),
};

const OperationRecord = z.object(OperationColumns).transform(
  (row): OperationRow => ({
    id: row.id,
    kind: row.kind,
    state: row.state,
    input: row.input_json,
    facts: row.facts_json,
    minted: row.minted_json,
    plan: row.plan_json,
    digest: row.digest,
    risk: row.risk,
    person: row.person,
    slack: row.slack,
    role: row.role,
    origin: row.origin_json,
    reason: row.reason,
    team: row.team,
    subject: row.subject,
    host: row.host,
    vmId: row.vm_id,
    locks: row.locks_json,
    adds: {
      vms: row.add_vms,
      vcpus: row.add_vcpus,
      memoryBytes: row.add_memory_bytes,
      diskBytes: row.add_disk_bytes,
    },
    waits: row.waits === 1,
    error: row.error_json,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    expiresAt: row.expires_at,
    startedAt: row.started_at,
    endedAt: row.ended_at,
    cancelAsked: row.cancel_asked === 1,
  }),
);

const BriefColumns = z
  .object(OperationColumns)
  .pick({ state: true, person: true, slack: true, origin_json: true, error_json: true, cancel_asked: true });

const BriefRecord = BriefColumns.transform(
  (row): OperationBrief => ({
    state: row.state,
    person: row.person,
    slack: row.slack,
    origin: row.origin_json,
    error: row.error_json,
    cancelAsked: row.cancel_asked === 1,
  }),
);

const COLUMNS = [...Object.keys(OperationColumns), 'dedupe'];

function columns(row: Partial<OperationRow>): Record<string, string | number | null> {
  const out: Record<string, string | number | null> = {};
  const put = (column: string, value: string | number | null | undefined) => {
    if (value !== undefined) out[column] = value;
  };
  const putJson = (column: string, value: unknown) => {
    if (value !== undefined) out[column] = JSON.stringify(value);
  };
  put('id', row.id);
  put('kind', row.kind);
  put('state', row.state);
  putJson('input_json', row.input);
  putJson('facts_json', row.facts);
  putJson('minted_json', row.minted);
  putJson('plan_json', row.plan);
  put('digest', row.digest);
  put('risk', row.risk);
  put('person', row.person);
  put('slack', row.slack);
  put('role', row.role);
  putJson('origin_json', row.origin);
  put('reason', row.reason);
  put('team', row.team);
  put('subject', row.subject);
  put('host', row.host);
  put('vm_id', row.vmId);
  putJson('locks_json', row.locks);
  put('add_vms', row.adds?.vms);
  put('add_vcpus', row.adds?.vcpus);
  put('add_memory_bytes', row.adds?.memoryBytes);
  put('add_disk_bytes', row.adds?.diskBytes);
  if (row.waits !== undefined) out.waits = row.waits ? 1 : 0;
  if (row.cancelAsked !== undefined) out.cancel_asked = row.cancelAsked ? 1 : 0;
  if (row.error !== undefined) out.error_json = row.error === null ? null : JSON.stringify(row.error);
  put('created_at', row.createdAt);
  put('updated_at', row.updatedAt);
  put('expires_at', row.expiresAt);
  put('started_at', row.startedAt);
  put('ended_at', row.endedAt);
  return out;
}

/** The operations' table. */
export function operationRows(db: Database.Database): Rows['operations'] {
  const insert = db.prepare(
    `insert into operation (${COLUMNS.join(', ')}) values (${COLUMNS.map((name) => `@${name}`).join(', ')})`,
  );
  const byId = db.prepare('select * from operation where id = ?');
  const brief = db.prepare(`select ${Object.keys(BriefColumns.shape).join(', ')} from operation where id = ?`);
  const byDedupe = db.prepare('select * from operation where dedupe = ?');
  const expired = db.prepare(
    "select * from operation where state in ('planned', 'awaiting_approval') and expires_at <= ?",
  );
  const recent = db.prepare(
    `select * from operation where (@team is null or team = @team) and (@vm is null or vm_id = @vm) order by created_at desc, id desc limit @limit`,
  );
  const parse = (row: unknown): OperationRow | null => (row === undefined ? null : OperationRecord.parse(row));
  const set = (id: string, change: Partial<OperationRow>, from: readonly string[] | null): boolean => {
    const row = columns(change);
    const names = Object.keys(row);
    const where = from === null ? '' : ` and state in (${from.map((state) => `'${state}'`).join(', ')})`;
    return (
      prepared(
        db,
        `update operation set ${names.map((name) => `${name} = @${name}`).join(', ')} where id = @key${where}`,
      ).run({ ...row, key: id }).changes === 1
    );
  };
  return {
    byId: (id) => parse(byId.get(id)),
    brief: (id) => {
      const row = brief.get(id);
      return row === undefined ? null : BriefRecord.parse(row);
    },
    byDedupe: (key) => parse(byDedupe.get(key)),
    insert: (row, dedupe) => {
      insert.run({ ...columns(row), dedupe });
    },
    move: (id, from, to, change = {}) => set(id, { ...change, state: to }, from),
    update: (id, change) => {
      set(id, change, null);
    },
    inState: (states) =>
      prepared(
        db,
        `select * from operation where state in (${states.map(() => '?').join(', ')}) order by created_at, id`,
      )
        .all(...states)
        .map((row) => OperationRecord.parse(row)),
    expired: (now) => expired.all(now).map((row) => OperationRecord.parse(row)),
    recent: ({ team, vmId, limit }) => recent.all({ team, vm: vmId, limit }).map((row) => OperationRecord.parse(row)),
  };
}

/**
 * Sum of what live operations add: on their way, and not in VM rows. What one gives back is free only when it has done so:
 * until then it counts for nothing.
 */
export function heldRows(db: Database.Database): Rows['held'] {
  const sum = db.prepare(
    `select coalesce(sum(max(add_vms, 0)), 0) as vms, coalesce(sum(max(add_vcpus, 0)), 0) as vcpus,
            coalesce(sum(max(add_memory_bytes, 0)), 0) as memory, coalesce(sum(max(add_disk_bytes, 0)), 0) as disk
     from operation where state in ('planned', 'awaiting_approval')
       and (@team is null or team = @team) and (@host is null or host = @host) and id <> @except`,
  );
  const Sum = z
    .object({ vms: z.number(), vcpus: z.number(), memory: z.number(), disk: z.number() })
    .transform((row): Amounts => ({ vms: row.vms, vcpus: row.vcpus, memoryBytes: row.memory, diskBytes: row.disk }));
  return ({ team, host, except }) =>
    Sum.parse(sum.get({ team: team ?? null, host: host ?? null, except: except ?? '' }));
}
